// Safetensors files as tests make and look at them.
#pragma once

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/output_file.h"
#include "core/model/host_tensors.h"
#include "core/model/safetensors.h"

namespace shardpipe {

// Header and numbers as they are, whatever they are.
inline std::string file_bytes(const std::string& header, const std::string& numbers) {
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + numbers;
}

inline std::string bytes_of_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

inline void write_tensors(const std::string& file, const HostTensors& tensors,
                          const Metadata& metadata = {{"format", "pt"}}) {
  std::vector<std::pair<std::string, std::vector<Index>>> names;
  std::string numbers;
  for (const auto& [name, tensor] : tensors) {
    names.emplace_back(name, std::vector<Index>{});
    for (int i = 0; i < tensor.shape.dims(); ++i) names.back().second.push_back(tensor.shape[i]);
    numbers.append(reinterpret_cast<const char*>(tensor.values.data()), 4 * tensor.values.size());
  }
  OutputFile out(file);
  out.write(safetensors_beginning(metadata, names));
  out.write(numbers);
  out.commit();
}

inline HostTensors read_tensors(SafetensorsFile& file) {
  HostTensors tensors;
  for (const auto& [name, stored] : file.tensors()) {
    const std::vector<Index>& s = stored.sizes;
    const Shape shape = s.empty()       ? Shape{}
                        : s.size() == 1 ? Shape{s[0]}
                                        : Shape{s[0], s.at(1)};  // tests have no more
    HostTensor& tensor = tensors[name] = {.shape = shape};
    tensor.values.resize(static_cast<std::size_t>(shape.elements()));
    file.read(file.find(name, shape), 0, tensor.values);
  }
  return tensors;
}

inline HostTensors read_tensors(const std::string& name) {
  SafetensorsFile file(name);
  return read_tensors(file);
}

}  // namespace shardpipe
