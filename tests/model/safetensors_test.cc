// The file format of checkpoint.h: numbers come back with their bits, other dtypes are widened, and
// every bad file ends with one line that names it.
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/model/checkpoint.h"
#include "core/tensor/bf16.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

std::string file_bytes(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

std::string halves(const std::vector<std::uint16_t>& values) {
  std::string bytes(2 * values.size(), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// One tensor "x" with this entry in the header.
std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"x":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}}";
}

}  // namespace

TEST_CASE("safetensors: what was written is read, bit for bit") {
  const TemporaryFolder folder;
  const std::string file = folder.file("a");
  const HostTensors tensors = {{"a", {{2, 3}, {1, -2, 0.1f, -0.0f, 1e-40f, 3e38f}}},
                               {"b.weight", {{1}, {INFINITY}}},
                               {"none", {{0, 4}, {}}}};
  write_safetensors(file, tensors);
  const HostTensors read = read_safetensors(file);
  REQUIRE(read.size() == tensors.size());
  for (const auto& [name, tensor] : tensors) {
    CHECK(read.at(name).shape == tensor.shape);
    REQUIRE(read.at(name).values.size() == tensor.values.size());
    if (!tensor.values.empty())
      CHECK(std::memcmp(read.at(name).values.data(), tensor.values.data(),
                        4 * tensor.values.size()) == 0);
  }
}

TEST_CASE("safetensors: the layout that other programs read") {
  const TemporaryFolder folder;
  const std::string file = folder.file("a");
  write_safetensors(file, {{"a", {{2}, {1, 2}}}, {"b", {{1, 1}, {3}}}});
  std::ifstream in(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  CHECK(length % 8 == 0);
  CHECK(bytes.size() == 8 + length + 12);
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  CHECK(header["b"]["dtype"] == "F32");
  CHECK(header["b"]["shape"] == nlohmann::json({1, 1}));
  CHECK(header["b"]["data_offsets"] == nlohmann::json({8, 12}));
  CHECK(header["__metadata__"]["format"] == "pt");
  float third = 0;
  std::memcpy(&third, bytes.data() + 8 + length + 8, 4);
  CHECK(third == 3);
}

TEST_CASE("safetensors: F16 and BF16 are widened") {
  const TemporaryFolder folder;
  const std::string f16 =
      folder.write("f16", file_bytes(entry("F16", "[6]", "[0,12]"),
                                     halves({0x3c00, 0xc500, 0x0001, 0x8000, 0x7bff, 0xfc00})));
  CHECK(read_safetensors(f16).at("x").values ==
        std::vector<float>{1, -5, 0x1p-24f, 0, 65504, -INFINITY});
  const std::string bf16 =
      folder.write("bf16", file_bytes(entry("BF16", "[2,1]", "[0,4]"), halves({0x3f80, 0xc0a0})));
  CHECK(read_safetensors(bf16).at("x").values == std::vector<float>{1, -5});
}

TEST_CASE("safetensors: a tensor of many blocks, between others") {
  const TemporaryFolder folder;
  std::string data("....");  // of a
  std::vector<float> values;
  for (int i = 0; i < 100'000; ++i) {
    const auto bits = static_cast<std::uint16_t>(i % 0x7f00);
    data.append(reinterpret_cast<const char*>(&bits), 2);
    values.push_back(from_bf16(bits));
  }
  const std::string file = folder.write(
      "many", file_bytes(R"({"x":{"dtype":"BF16","shape":[100,1000],"data_offsets":[4,200004]},)"
                         R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                         R"("b":{"dtype":"F16","shape":[1],"data_offsets":[200004,200006]}})",
                         data + halves({0x3c00})));
  const HostTensors read = read_safetensors(file);
  CHECK(read.at("x").values == values);
  CHECK(read.at("b").values == std::vector<float>{1});
}

TEST_CASE("safetensors: bad files end with one line") {
  const TemporaryFolder folder;
  auto message_of = [&](const std::string& bytes) {
    const std::string file = folder.write("bad", bytes);
    const std::string message = usage_message([&] { read_safetensors(file); });
    CHECK(lacks(message, {file.c_str()}) == "");
    return message;
  };
  const std::string missing = folder.file("missing");
  CHECK(usage_message([&] { read_safetensors(missing); }) ==
        missing + ": cannot be read: No such file or directory");
  const std::string is_folder = folder.path().string();
  CHECK(usage_message([&] { read_safetensors(is_folder); }) ==
        is_folder + ": is a folder, not a safetensors file");
  CHECK(lacks(message_of(""), {"not a safetensors file", "0 bytes"}) == "");
  CHECK(lacks(message_of("short"), {"not a safetensors file", "5 bytes"}) == "");
  CHECK(lacks(message_of(file_bytes("{}", "").replace(0, 1, "\x7f")), {"not a safetensors file"}) ==
        "");
  CHECK(lacks(message_of(file_bytes("{\"x\":", "")), {"header is not a JSON object"}) == "");
  CHECK(lacks(message_of(file_bytes("[1,2]", "")), {"header is not a JSON object"}) == "");
  CHECK(lacks(message_of(file_bytes(entry("I64", "[1]", "[0,8]"), "12345678")),
              {"tensor x", "I64", "F32, F16, BF16"}) == "");
  // Truncated, and offsets that do not fit the shape, run backwards, or are not two.
  for (const char* offsets : {"[0,12]", "[0,4]", "[8,0]", "[4,12]", "[0]"})
    CHECK(lacks(message_of(file_bytes(entry("F32", "[2]", offsets), "1234567")),
                {"tensor x", "do not fit", "[2]"}) == "");
  CHECK(lacks(message_of(file_bytes(entry("F32", "[1,1,1,1,1]", "[0,4]"), "1234")),
              {"tensor x", "4 dimensions"}) == "");
  for (const char* shape :
       {"[-1]", "[-1,-1]", "[1e300]", "[1.5]", "\"two\"", "[4294967296,4294967296]"})
    CHECK(lacks(message_of(file_bytes(entry("F32", shape, "[0,4]"), "1234")), {"tensor x"}) == "");
  CHECK(lacks(message_of(file_bytes(R"({"x":{"dtype":"F32"}})", "")), {"tensor x"}) == "");
  CHECK(lacks(message_of(file_bytes(R"({"x":3})", "")), {"tensor x"}) == "");
}

TEST_CASE("safetensors: a failed write leaves nothing behind") {
  const TemporaryFolder folder;
  const HostTensors tensors = {{"a", {{1}, {1}}}};
  const std::string no_folder = folder.file("none/weights");
  CHECK(lacks(usage_message([&] { write_safetensors(no_folder, tensors); }),
              {no_folder.c_str(), "cannot be written"}) == "");
  const std::string is_folder = folder.file("folder");  // not empty: nothing can take its place
  folder.write("folder/inside", "kept");
  CHECK(lacks(usage_message([&] { write_safetensors(is_folder, tensors); }),
              {is_folder.c_str(), "cannot be written"}) == "");
  int entries = 0;
  for (const auto& found : std::filesystem::recursive_directory_iterator(folder.path()))
    entries += found.path() != is_folder && found.path() != is_folder + "/inside";
  CHECK(entries == 0);
}

}  // namespace shardpipe
