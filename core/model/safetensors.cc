// The file format of checkpoint.h.
#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <fstream>

#include "core/base/input_file.h"
#include "core/base/json.h"
#include "core/model/checkpoint.h"
#include "core/tensor/bf16.h"

namespace shardpipe {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr InputUse kCheckpoint = {.what = "a safetensors file", .most_bytes = 1024 * kGiB};
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

// What the header says of one tensor, held against the bytes that there are for numbers.
struct Entry {
  std::string dtype = {};
  Shape shape = {};
  std::uint64_t begin = 0;  // of its numbers, behind the header

  std::size_t width() const { return dtype == "F32" ? 4 : 2; }
};

Entry entry_of(const Json& json, std::uint64_t num_bytes) {
  Entry entry{.dtype = json.at("dtype").string()};
  const std::vector<Index> offsets = sizes_of(json.at("data_offsets"));
  entry.shape = shape_of(json.at("shape"));
  if (entry.dtype != "F32" && entry.dtype != "F16" && entry.dtype != "BF16")
    fail(text("dtype ", entry.dtype, " is not read (allowed: F32, F16, BF16)"));
  const auto elements = static_cast<std::uint64_t>(entry.shape.elements());
  if (offsets.size() != 2 || offsets[0] > offsets[1] ||
      static_cast<std::uint64_t>(offsets[1]) > num_bytes || elements > num_bytes ||
      static_cast<std::uint64_t>(offsets[1] - offsets[0]) != elements * entry.width())
    fail(text("its bytes do not fit its shape ", entry.shape));
  entry.begin = static_cast<std::uint64_t>(offsets[0]);
  return entry;
}

// numbers: where those of the first tensor begin in the file.
HostTensor read_tensor(InputFile& file, std::uint64_t numbers, const Entry& entry) {
  HostTensor tensor{.shape = entry.shape};
  const std::uint64_t begin = numbers + entry.begin;
  const auto n = static_cast<std::size_t>(entry.shape.elements());
  tensor.values.resize(n);
  if (entry.dtype == "F32") {
    file.read_at(begin, tensor.values.data(), 4 * n);
    return tensor;
  }
  const auto widened = entry.dtype == "BF16" ? from_bf16 : from_f16;
  std::array<std::uint16_t, 1 << 15> block;
  for (std::size_t done = 0; done < n;) {
    const std::size_t count = std::min(n - done, block.size());
    file.read_at(begin + 2 * done, block.data(), 2 * count);
    std::transform(block.data(), block.data() + count, tensor.values.data() + done, widened);
    done += count;
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

// The header, then each tensor by itself: no more of the file than one tensor is in memory twice.
HostTensors read_safetensors(const std::string& file) {
  InputFile in(file, kCheckpoint);
  std::uint64_t length = 0;
  const bool has_length = in.read_at(0, &length, 8) == 8;
  if (!has_length || length > kMaxHeader || length > in.size() - 8)
    usage_error(text(in.name(), ": is not a safetensors file (its header does not fit into ",
                     in.size(), " bytes)"));
  std::string head(length, '\0');
  in.read_at(8, head.data(), length);
  const std::optional<Json> header = parse_json(head);
  if (!header || !header->is_object())
    usage_error(text(in.name(), ": its header is not a JSON object"));
  const std::uint64_t numbers = 8 + length;
  std::vector<std::pair<std::string, Entry>> entries;
  for (const auto& [name, json] : header->members()) {
    if (name == "__metadata__") continue;
    try {
      entries.emplace_back(name, entry_of(json, in.size() - numbers));
    } catch (const std::exception& e) {
      usage_error(text(in.name(), ": tensor ", name, ": ", e.what()));
    }
  }
  HostTensors tensors;
  for (const auto& [name, entry] : entries) tensors[name] = read_tensor(in, numbers, entry);
  return tensors;
}

}  // namespace shardpipe
