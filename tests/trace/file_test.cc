// The bytes of a trace file, packed or not.
#include "core/trace/file.h"

#include "tests/support/catch.h"
#include "tests/trace/files.h"

namespace shardpipe {
namespace {

std::string read(const std::string& name) {
  InputFile file(name, {.what = "a trace file", .most_bytes = kGiB});
  FileBytes bytes(file);
  std::string all;
  for (std::string_view piece = bytes.next(); !piece.empty(); piece = bytes.next()) all += piece;
  CHECK(bytes.next().empty());
  return all;
}

// printf 'first ' | gzip -n9, and second
constexpr unsigned char kFirst[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
                                    0x03, 0x4b, 0xcb, 0x2c, 0x2a, 0x2e, 0x51, 0x00, 0x00,
                                    0xfc, 0x7a, 0xf1, 0x1c, 0x06, 0x00, 0x00, 0x00};
constexpr unsigned char kSecond[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
                                     0x03, 0x2b, 0x4e, 0x4d, 0xce, 0xcf, 0x4b, 0x01, 0x00,
                                     0x69, 0x11, 0x1f, 0xb6, 0x06, 0x00, 0x00, 0x00};

}  // namespace

TEST_CASE("a file that is not packed comes as it is, by pieces") {
  const Folder folder("file");
  std::string bytes;
  for (int i = 0; bytes.size() < 200'000; ++i) bytes += text(i, " ");
  for (const std::string& content :
       {bytes, bytes.substr(0, 65536), std::string("\x1f"), std::string()}) {
    write(folder / "a", content);
    CHECK(read(folder / "a") == content);
  }
}

TEST_CASE("gzip of several members is one file; what follows the last is left out") {
  const Folder folder("file");
  const std::string first(std::begin(kFirst), std::end(kFirst)),
      second(std::begin(kSecond), std::end(kSecond)), name = folder / "a.gz";
  write(name, first);
  if (contains(refusal([&] { read(name); }), "no zlib")) return;
  CHECK(read(name) == "first ");
  write(name, first + second);
  CHECK(read(name) == "first second");
  write(name, first + "padding");
  CHECK(read(name) == "first ");
  for (std::size_t size = 2; size < second.size(); ++size) {
    write(name, first + second.substr(0, size));
    INFO(size << " bytes of the second");
    CHECK(refusal([&] { read(name); }) == name + ": cannot be read: gzip that was cut");
  }
  std::string wrong = first;
  wrong[20] = '?';
  write(name, wrong);
  CHECK(contains(refusal([&] { read(name); }), "broken gzip (incorrect data check)"));
}

}  // namespace shardpipe
