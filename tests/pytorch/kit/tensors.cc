#include "tests/pytorch/kit/tensors.h"

#include "core/base/output_file.h"
#include "core/model/safetensors.h"

namespace shardpipe {

FileTensors read_tensors(const std::string& name) {
  SafetensorsFile file(name);
  FileTensors tensors;
  for (const auto& [tensor, stored] : file.tensors()) {
    FileTensor& read = tensors[tensor];
    read.sizes = stored.sizes;
    Index count = 1;
    for (const Index size : stored.sizes) count *= size;
    read.numbers.resize(static_cast<std::size_t>(count));
    file.read(stored, 0, read.numbers);
  }
  return tensors;
}

void write_tensors(const std::string& file, const FileTensors& tensors) {
  std::vector<std::pair<std::string, std::vector<Index>>> shapes;
  for (const auto& [name, tensor] : tensors) shapes.emplace_back(name, tensor.sizes);
  OutputFile out(file);
  out.write(safetensors_beginning({}, shapes));
  for (const auto& [name, tensor] : tensors)
    out.write({reinterpret_cast<const char*>(tensor.numbers.data()),
               sizeof(float) * tensor.numbers.size()});
  out.commit();
}

}  // namespace shardpipe
