#include "core/model/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <set>

#include "core/base/json.h"
#include "core/tensor/bf16.h"

namespace shardpipe {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr InputUse kTensors = {.what = "a safetensors file", .most_bytes = 1024 * kGiB};
constexpr std::uint64_t kMaxHeader = 100'000'000;  // the limit of the reference implementation
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 56;  // their bits count in 64

// The types of the format; 0: it has none of that name.
std::uint64_t bits_of(const std::string& dtype) {
  struct Type {
    const char* name;
    std::uint64_t bits;
  };
  static constexpr Type kTypes[] = {
      {"F4", 4},          {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"BOOL", 8},    {"U8", 8},
      {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
      {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
      {"I32", 32},        {"U32", 32},    {"F32", 32},    {"I64", 64},    {"U64", 64},
      {"F64", 64},        {"C64", 64}};
  for (const Type& type : kTypes)
    if (dtype == type.name) return type.bits;
  return 0;
}

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

std::string words_of(const std::vector<Index>& sizes) {
  std::string words = "[";
  for (const Index size : sizes) words += (words.size() > 1 ? "," : "") + std::to_string(size);
  return words + "]";
}

std::vector<Index> sizes_of(const Json& list) {
  std::vector<Index> sizes;
  for (const Json& value : list.elements()) {
    if (!value.is_integer() || value.number() < 0) fail(text(value.dump(), " is not a size"));
    sizes.push_back(value.integer());
  }
  return sizes;
}

void refuse_duplicates(const Json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.members())
    if (!keys.insert(key).second) fail(text("the name ", key, " is there twice"));
}

// Bytes of so many elements; nothing if they do not fill bytes, or are too many to count.
std::optional<std::uint64_t> bytes_of(const std::vector<Index>& sizes, std::uint64_t bits) {
  std::uint64_t elements = 1;
  for (const Index size : sizes) {
    const auto n = static_cast<std::uint64_t>(size);
    if (n > kMostElements || (n > 0 && elements > kMostElements / n)) return {};
    elements *= n;
  }
  if (elements * bits % 8 != 0) return {};
  return elements * bits / 8;
}

// What the header says of one tensor, and where its bytes are, counted from the first number.
struct Entry {
  StoredTensor tensor = {};
  std::uint64_t begin = 0, end = 0;
};

Entry entry_of(const Json& json) {
  refuse_duplicates(json);
  Entry entry{.tensor = {.dtype = json.at("dtype").string()}};
  const std::uint64_t bits = bits_of(entry.tensor.dtype);
  if (bits == 0) fail(text("the format has no dtype ", entry.tensor.dtype));
  const std::vector<Index> offsets = sizes_of(json.at("data_offsets"));
  entry.tensor.sizes = sizes_of(json.at("shape"));
  const std::optional<std::uint64_t> bytes = bytes_of(entry.tensor.sizes, bits);
  if (offsets.size() != 2 || offsets[0] > offsets[1] || !bytes ||
      static_cast<std::uint64_t>(offsets[1] - offsets[0]) != *bytes)
    fail(text("its bytes do not fit its shape ", words_of(entry.tensor.sizes)));
  entry.begin = static_cast<std::uint64_t>(offsets[0]);
  entry.end = static_cast<std::uint64_t>(offsets[1]);
  return entry;
}

Metadata metadata_of(const Json& json) {
  refuse_duplicates(json);
  Metadata metadata;
  for (const auto& [key, value] : json.members()) metadata[key] = value.string();
  return metadata;
}

// Each byte behind the header belongs to one tensor.
void check_places(const std::vector<std::pair<std::string, Entry>>& entries,
                  std::uint64_t num_bytes) {
  struct Place {
    std::uint64_t begin, end;
    const std::string* name;
  };
  std::vector<Place> places;
  for (const auto& [name, entry] : entries) places.push_back({entry.begin, entry.end, &name});
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t end = 0;
  for (const Place& place : places) {
    if (place.begin < end) fail(text("tensor ", *place.name, " overlaps the one before it"));
    if (place.begin > end)
      fail(text(place.begin - end, " bytes before tensor ", *place.name, " belong to none"));
    end = place.end;
    if (end > num_bytes)
      fail(text("tensor ", *place.name, ": its bytes end ", end - num_bytes, " behind the file"));
  }
  if (end < num_bytes) fail(text(num_bytes - end, " bytes behind the last tensor belong to none"));
}

// A template, so that the compiler sees the loop's body.
template <class Widen>
void read_halves(InputFile& file, std::uint64_t begin, std::span<float> into, Widen widen) {
  std::array<std::uint16_t, 1 << 15> block;
  while (!into.empty()) {
    const std::size_t count = std::min(into.size(), block.size());
    file.read_at(begin, block.data(), 2 * count);
    for (std::size_t i = 0; i < count; ++i) into[i] = widen(block[i]);
    into = into.subspan(count);
    begin += 2 * count;
  }
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::string& file) : file_(file, kTensors) {
  std::uint64_t length = 0;
  const bool has_length = file_.read_at(0, &length, 8) == 8;
  if (!has_length || length > kMaxHeader || length > file_.size() - 8)
    usage_error(text(name(), ": is not a safetensors file (its header does not fit into ",
                     file_.size(), " bytes)"));
  std::string head(length, '\0');
  file_.read_at(8, head.data(), length);
  naming(name(), [&] {
    try {
      read_header(head);
    } catch (const Error& e) {
      if (e.is_of_resources()) throw;
      usage_error(text(name(), ": ", e.what()));
    }
  });
}

void SafetensorsFile::read_header(const std::string& head) {
  const std::optional<Json> header = parse_json(head);
  if (!head.starts_with('{') || !header) fail("its header is not a JSON object");
  refuse_duplicates(*header);
  std::vector<std::pair<std::string, Entry>> entries;
  for (const auto& [name, json] : header->members()) {
    const bool is_metadata = name == "__metadata__";
    try {
      if (is_metadata)
        metadata_ = metadata_of(json);
      else
        entries.emplace_back(name, entry_of(json));
    } catch (const Error& e) {
      fail(text(is_metadata ? "" : "tensor ", name, ": ", e.what()));
    }
  }
  const std::uint64_t numbers = 8 + head.size();
  check_places(entries, file_.size() - numbers);
  for (auto& [name, entry] : entries) {
    entry.tensor.begin = numbers + entry.begin;
    tensors_[name] = std::move(entry.tensor);
  }
}

const StoredTensor& SafetensorsFile::find(const std::string& tensor, const Shape& shape) const {
  const auto found = tensors_.find(tensor);
  if (found == tensors_.end()) usage_error(text(name(), ": has no tensor ", tensor));
  const StoredTensor& stored = found->second;
  const Dims dims = dims_of(shape);
  if (!std::equal(stored.sizes.begin(), stored.sizes.end(), dims.sizes.begin(),
                  dims.sizes.begin() + dims.count))
    usage_error(
        text(name(), ": ", tensor, " is ", words_of(stored.sizes), ", this model wants ", shape));
  if (stored.dtype != "F32" && stored.dtype != "F16" && stored.dtype != "BF16")
    usage_error(text(name(), ": tensor ", tensor, ": dtype ", stored.dtype,
                     " is not read (allowed: F32, F16, BF16)"));
  return stored;
}

void SafetensorsFile::read(const StoredTensor& tensor, Index first, std::span<float> into) {
  const std::uint64_t width = tensor.dtype == "F32" ? 4 : 2;
  const std::uint64_t begin = tensor.begin + width * static_cast<std::uint64_t>(first);
  if (tensor.dtype == "BF16")
    return read_halves(file_, begin, into, [](std::uint16_t x) { return from_bf16(x); });
  if (tensor.dtype == "F16")
    return read_halves(file_, begin, into, [](std::uint16_t x) { return from_f16(x); });
  file_.read_at(begin, into.data(), into.size_bytes());
}

std::string safetensors_beginning(
    const Metadata& metadata,
    const std::vector<std::pair<std::string, std::vector<Index>>>& tensors) {
  Json words = Json::object();
  for (const auto& [key, value] : metadata) words.set(key, value);
  Json header = {{"__metadata__", words}};
  std::uint64_t offset = 0;
  for (const auto& [name, sizes] : tensors) {
    const std::uint64_t end = offset + bytes_of(sizes, 32).value();
    header.set(name,
               {{"dtype", "F32"}, {"shape", sizes}, {"data_offsets", Json::list({offset, end})}});
    offset = end;
  }
  std::string head = header.dump();
  head.append((8 - head.size() % 8) % 8, ' ');  // the numbers start at a multiple of 8
  const std::uint64_t length = head.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + head;
}

}  // namespace shardpipe
