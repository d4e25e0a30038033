// The file format of checkpoint.h.
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/json.h"
#include "core/model/checkpoint.h"
#include "core/tensor/bf16.h"

namespace shardpipe {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the limit of the reference implementation

float from_f16(std::uint16_t x) {
  const int exponent = (x >> 10) & 31, mantissa = x & 1023;
  const float sign = (x & 0x8000) != 0 ? -1.0f : 1.0f;
  if (exponent == 0) return sign * static_cast<float>(mantissa) * 0x1p-24f;
  const std::uint32_t bits =
      (static_cast<std::uint32_t>(x & 0x8000) << 16) |
      ((exponent == 31 ? 255u : static_cast<std::uint32_t>(exponent + 112)) << 23) |
      (static_cast<std::uint32_t>(mantissa) << 13);
  return std::bit_cast<float>(bits);
}

std::vector<Index> sizes_of(const Json& list) {
  std::vector<Index> sizes;
  for (const Json& value : list.elements()) {
    if (!value.is_integer() || value.number() < 0) fail(text(value.dump(), " is not a size"));
    sizes.push_back(value.integer());
  }
  return sizes;
}

Shape shape_of(const Json& dims) {
  const std::vector<Index> d = sizes_of(dims);
  switch (d.size()) {
    case 0: return {};
    case 1: return {d[0]};
    case 2: return {d[0], d[1]};
    case 3: return {d[0], d[1], d[2]};
    case 4: return {d[0], d[1], d[2], d[3]};
    default: fail("more than 4 dimensions");
  }
}

HostTensor decode(const Json& entry, const std::string& data) {
  const std::string& dtype = entry.at("dtype").string();
  const std::vector<Index> offsets = sizes_of(entry.at("data_offsets"));
  HostTensor tensor{.shape = shape_of(entry.at("shape"))};
  if (dtype != "F32" && dtype != "F16" && dtype != "BF16")
    fail(text("dtype ", dtype, " is not read (allowed: F32, F16, BF16)"));
  const std::size_t width = dtype == "F32" ? 4 : 2,
                    n = static_cast<std::size_t>(tensor.shape.elements());
  if (offsets.size() != 2 || offsets[0] > offsets[1] ||
      offsets[1] > static_cast<Index>(data.size()) ||
      static_cast<std::size_t>(offsets[1] - offsets[0]) != n * width)
    fail(text("its bytes do not fit its shape ", tensor.shape));
  tensor.values.resize(n);
  const char* bytes = data.data() + offsets[0];
  for (std::size_t i = 0; i < n; ++i) {
    std::uint16_t half = 0;
    if (dtype == "F32") {
      std::memcpy(&tensor.values[i], bytes + 4 * i, 4);
    } else {
      std::memcpy(&half, bytes + 2 * i, 2);
      tensor.values[i] = dtype == "BF16" ? from_bf16(half) : from_f16(half);
    }
  }
  return tensor;
}

}  // namespace

void write_safetensors(OutputFile& out, const HostTensors& tensors) {
  out.open();
  Json header = {{"__metadata__", {{"format", "pt"}}}};
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::uint64_t bytes = 4 * tensor.values.size();
    Json dims = Json::list();
    for (int i = 0; i < tensor.shape.dims(); ++i) dims.push_back(tensor.shape[i]);
    header.set(name, {{"dtype", "F32"},
                      {"shape", dims},
                      {"data_offsets", Json::list({offset, offset + bytes})}});
    offset += bytes;
  }
  std::string head = header.dump();
  head.append((8 - head.size() % 8) % 8, ' ');  // the numbers start at a multiple of 8
  const std::uint64_t length = head.size();
  out.write({reinterpret_cast<const char*>(&length), 8});
  out.write(head);
  for (const auto& [name, tensor] : tensors)
    out.write({reinterpret_cast<const char*>(tensor.values.data()), 4 * tensor.values.size()});
  out.commit();
}

void write_safetensors(const std::string& file, const HostTensors& tensors) {
  OutputFile out(file, Durable::yes);
  write_safetensors(out, tensors);
}

HostTensors read_safetensors(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    usage_error(text(file, ": is a folder, not a safetensors file"));
  std::ifstream in(file, std::ios::binary);
  if (!in) usage_error(text(file, ": cannot be read"));
  const std::string all((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::uint64_t length = 0;
  if (all.size() >= 8) std::memcpy(&length, all.data(), 8);
  if (all.size() < 8 || length > kMaxHeader || length > all.size() - 8)
    usage_error(text(file, ": is not a safetensors file (its header does not fit into ", all.size(),
                     " bytes)"));
  const std::optional<Json> header = parse_json(std::string_view(all).substr(8, length));
  if (!header || !header->is_object()) usage_error(text(file, ": its header is not a JSON object"));
  const std::string data = all.substr(8 + length);
  HostTensors tensors;
  for (const auto& [name, entry] : header->members()) {
    if (name == "__metadata__") continue;
    try {
      tensors[name] = decode(entry, data);
    } catch (const std::exception& e) {
      usage_error(text(file, ": tensor ", name, ": ", e.what()));
    }
  }
  return tensors;
}

}  // namespace shardpipe
