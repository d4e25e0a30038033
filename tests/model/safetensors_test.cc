// Files of tensors: numbers come back with their bits, other types are widened or left alone, and
// every file that the format forbids ends with one line that names it.
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/tensor/bf16.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_files.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

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
  write_tensors(file, tensors);
  const HostTensors read = read_tensors(file);
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
  write_tensors(file, {{"a", {{2}, {1, 2}}}, {"b", {{1, 1}, {3}}}});
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
  CHECK(read_tensors(f16).at("x").values ==
        std::vector<float>{1, -5, 0x1p-24f, 0, 65504, -INFINITY});
  const std::string bf16 =
      folder.write("bf16", file_bytes(entry("BF16", "[2,1]", "[0,4]"), halves({0x3f80, 0xc0a0})));
  CHECK(read_tensors(bf16).at("x").values == std::vector<float>{1, -5});
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
  const HostTensors read = read_tensors(file);
  CHECK(read.at("x").values == values);
  CHECK(read.at("b").values == std::vector<float>{1});
}

TEST_CASE("safetensors: parts of a tensor, of every type that is read") {
  const TemporaryFolder folder;
  SafetensorsFile file(folder.write(
      "parts", file_bytes(R"({"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},)"
                          R"("b":{"dtype":"BF16","shape":[2,2],"data_offsets":[8,16]},)"
                          R"("f":{"dtype":"F32","shape":[],"data_offsets":[16,20]}})",
                          halves({0x3c00, 0x4000, 0x4200, 0x4400, 0x3f80, 0x4000, 0x4040, 0x4080}) +
                              std::string("\0\0\xa0\x40", 4))));
  std::vector<float> two(2);
  file.read(file.find("h", {4}), 1, two);
  CHECK(two == std::vector<float>{2, 3});
  file.read(file.find("b", {2, 2}), 2, two);
  CHECK(two == std::vector<float>{3, 4});
  std::vector<float> one(1);
  file.read(file.find("f", {}), 0, one);
  CHECK(one == std::vector<float>{5});
}

TEST_CASE("safetensors: metadata, and their keys in any place") {
  const TemporaryFolder folder;
  const std::string tensor = R"("x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":7})";
  const std::string metadata = R"("__metadata__":{"format":"pt","step":"7","":""})";
  for (const std::string& header :
       {"{" + tensor + "," + metadata + "}", "{" + metadata + "," + tensor + "}   "}) {
    const SafetensorsFile file(folder.write("m", file_bytes(header, "1234")));
    CHECK(file.metadata() == Metadata{{"format", "pt"}, {"step", "7"}, {"", ""}});
    CHECK(file.tensors().size() == 1);
  }
  CHECK(SafetensorsFile(folder.write("m", file_bytes("{}", ""))).tensors().empty());
}

TEST_CASE("safetensors: tensors that are not read are refused only if they are wanted") {
  const TemporaryFolder folder;
  struct Kind {
    const char *dtype, *shape, *end;
  };
  for (const Kind& kind : {Kind{"I64", "[1]", "8"},
                           {"BOOL", "[8]", "8"},
                           {"F64", "[1]", "8"},
                           {"F8_E4M3", "[2,2,2,1,1]", "8"},
                           {"F4", "[16]", "8"},
                           {"C64", "[]", "8"},
                           {"F6_E2M3", "[4]", "3"},
                           {"F32", "[1,1,1,1,2]", "8"}}) {
    const std::string more(static_cast<std::size_t>(std::stoi(kind.end)), 'x');
    const std::string header =
        text(R"({"odd":{"dtype":")", kind.dtype, R"(","shape":)", kind.shape,
             R"(,"data_offsets":[0,)", kind.end, R"(]},"x":{"dtype":"F32",)",
             R"("shape":[1],"data_offsets":[)", kind.end, ",", std::stoi(kind.end) + 4, "]}}");
    SafetensorsFile file(
        folder.write("odd", file_bytes(header, more + std::string("\0\0\x80\x3f", 4))));
    std::vector<float> one(1);
    file.read(file.find("x", {1}), 0, one);
    CHECK(one[0] == 1);
    const std::string message = usage_message([&] { file.find("odd", {1}); });
    CHECK(lacks(message, {"odd: ", "odd"}) == "");
  }
  SafetensorsFile file(folder.write("i64", file_bytes(entry("I64", "[1]", "[0,8]"), "12345678")));
  CHECK(usage_message([&] { file.find("x", {1}); }) ==
        file.name() + ": tensor x: dtype I64 is not read (allowed: F32, F16, BF16)");
  CHECK(usage_message([&] { file.find("x", {2}); }) ==
        file.name() + ": x is [1], this model wants [2]");
  CHECK(usage_message([&] { file.find("y", {1}); }) == file.name() + ": has no tensor y");
}

TEST_CASE("safetensors: what the format forbids ends with one line") {
  const TemporaryFolder folder;
  auto message_of = [&](const std::string& bytes) {
    const std::string file = folder.write("bad", bytes);
    const std::string message = usage_message([&] { SafetensorsFile{file}; });
    CHECK(lacks(message, {(file + ": ").c_str()}) == "");
    return message;
  };
  auto with_header = [&](const std::string& header, std::size_t num_bytes = 0) {
    return message_of(file_bytes(header, std::string(num_bytes, 'x')));
  };
  const std::string missing = folder.file("missing");
  CHECK(usage_message([&] { SafetensorsFile{missing}; }) ==
        missing + ": cannot be read: No such file or directory");
  const std::string is_folder = folder.path().string();
  CHECK(usage_message([&] { SafetensorsFile{is_folder}; }) ==
        is_folder + ": is a folder, not a safetensors file");
  CHECK(lacks(message_of(""), {"not a safetensors file", "0 bytes"}) == "");
  CHECK(lacks(message_of("short"), {"not a safetensors file", "5 bytes"}) == "");
  CHECK(lacks(message_of(file_bytes("{}", "").replace(0, 1, "\x03")), {"not a safetensors file"}) ==
        "");
  for (const char* header :
       {"", "{\"x\":", "[1,2]", "7", " {}", "\xef\xbb\xbf{}", "{} {}", "{\"\xff\":{}}", "{'x':1}"})
    CHECK(lacks(with_header(header), {"header is not a JSON object"}) == "");
  for (const char* behind : {"", "}", "{}"})
    CHECK(lacks(with_header(std::string("{}\0", 3) + behind), {"header is not a JSON object"}) ==
          "");
  CHECK(lacks(with_header("{\"x\":" + std::string(200, '[') + std::string(200, ']') + "}"),
              {"header is not a JSON object"}) == "");
  // Offsets that do not fit the shape, run backwards, or are not two.
  for (const char* offsets : {"[0,12]", "[0,4]", "[8,0]", "[0]", "[0,8,8]", "[]"})
    CHECK(lacks(with_header(entry("F32", "[2]", offsets), 8), {"tensor x", "do not fit", "[2]"}) ==
          "");
  CHECK(lacks(with_header(entry("F4", "[3]", "[0,1]"), 1), {"tensor x", "do not fit"}) == "");
  CHECK(lacks(with_header(entry("F32", "[2]", "[0,8]"), 7), {"tensor x", "end 1 behind"}) == "");
  for (const char* shape : {"[-1]", "[-1,-1]", "[1e300]", "[1.5]", "\"two\"", "null", "{}",
                            "[\"1\"]", "[18446744073709551616]", "[4294967296,4294967296]",
                            "[72057594037927936,72057594037927936,0]"})
    CHECK(lacks(with_header(entry("F32", shape, "[0,4]"), 4), {"tensor x"}) == "");
  CHECK(lacks(with_header(R"({"x":{"dtype":"F32"}})"), {"tensor x", "data_offsets"}) == "");
  CHECK(lacks(with_header(R"({"x":3})"), {"tensor x"}) == "");
  CHECK(lacks(with_header(entry("F99", "[1]", "[0,4]"), 4), {"tensor x", "no dtype F99"}) == "");
  CHECK(lacks(with_header(R"({"x":{"dtype":1,"shape":[1],"data_offsets":[0,4]}})", 4),
              {"tensor x", "not a string"}) == "");
}

TEST_CASE("safetensors: every byte belongs to one tensor") {
  const TemporaryFolder folder;
  auto message_of = [&](const std::string& a, const std::string& b, std::size_t num_bytes) {
    const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + a +
                               R"(},"b":{"dtype":"F32","shape":[2],"data_offsets":)" + b + "}}";
    const std::string file = folder.write("f", file_bytes(header, std::string(num_bytes, 'x')));
    return usage_message([&] { SafetensorsFile{file}; });
  };
  CHECK(message_of("[0,4]", "[4,12]", 12) == "no error");
  CHECK(message_of("[8,12]", "[0,8]", 12) == "no error");
  CHECK(lacks(message_of("[0,4]", "[3,11]", 12), {"tensor b overlaps"}) == "");
  CHECK(lacks(message_of("[0,4]", "[0,8]", 8), {"tensor b overlaps"}) == "");
  CHECK(lacks(message_of("[4,8]", "[0,8]", 8), {"tensor a overlaps"}) == "");
  CHECK(lacks(message_of("[0,4]", "[5,13]", 13), {"1 bytes before tensor b"}) == "");
  CHECK(lacks(message_of("[1,5]", "[5,13]", 13), {"1 bytes before tensor a"}) == "");
  CHECK(lacks(message_of("[0,4]", "[4,12]", 13), {"1 bytes behind the last"}) == "");
  CHECK(lacks(message_of("[0,4]", "[4,12]", 11), {"tensor b", "end 1 behind"}) == "");
  const std::string none = R"({"a":{"dtype":"F32","shape":[0,9],"data_offsets":[0,0]}})";
  CHECK(SafetensorsFile(folder.write("f", file_bytes(none, ""))).tensors().size() == 1);
}

TEST_CASE("safetensors: names that are there twice, and metadata that are no strings") {
  const TemporaryFolder folder;
  auto message_of = [&](const std::string& header) {
    const std::string file = folder.write("f", file_bytes(header, "12345678"));
    return usage_message([&] { SafetensorsFile{file}; });
  };
  const std::string first = R"("x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})",
                    second = R"("x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]})",
                    whole = R"("x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  CHECK(lacks(message_of("{" + first + "," + second + "}"), {"name x is there twice"}) == "");
  CHECK(lacks(message_of(R"({"x":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})"),
              {"tensor x", "name dtype is there twice"}) == "");
  for (const char* metadata : {"null", "[]", "7", "\"a\"", R"({"a":1})", R"({"a":null})",
                               R"({"a":{"b":"c"}})", R"({"a":["b"]})"})
    CHECK(lacks(message_of(text(R"({"__metadata__":)", metadata, ",", whole, "}")),
                {": __metadata__: "}) == "");
  CHECK(lacks(message_of(R"({"__metadata__":{"a":"b","a":"b"},)" + whole + "}"),
              {"__metadata__: ", "name a is there twice"}) == "");
  CHECK(lacks(message_of(R"({"__metadata__":{},"__metadata__":{},)" + whole + "}"),
              {"name __metadata__ is there twice"}) == "");
}

TEST_CASE("safetensors: a failed write leaves nothing behind") {
  const TemporaryFolder folder;
  const HostTensors tensors = {{"a", {{1}, {1}}}};
  const std::string no_folder = folder.file("none/weights");
  CHECK(lacks(usage_message([&] { write_tensors(no_folder, tensors); }),
              {no_folder.c_str(), "cannot be written"}) == "");
  const std::string is_folder = folder.file("folder");  // not empty: nothing can take its place
  folder.write("folder/inside", "kept");
  CHECK(lacks(usage_message([&] { write_tensors(is_folder, tensors); }),
              {is_folder.c_str(), "cannot be written"}) == "");
  int entries = 0;
  for (const auto& found : std::filesystem::recursive_directory_iterator(folder.path()))
    entries += found.path() != is_folder && found.path() != is_folder + "/inside";
  CHECK(entries == 0);
}

}  // namespace shardpipe
