#include "core/base/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iterator>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

using namespace shardpipe;
namespace fs = std::filesystem;

namespace {

std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_whole(const std::string& file, const std::string& bytes) {
  OutputFile out(file);
  out.open();
  out.write(bytes);
  out.commit();
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

mode_t mode_of(const std::string& file) {
  struct stat there = {};
  REQUIRE(stat(file.c_str(), &there) == 0);
  return there.st_mode & 07777;
}

std::string refusal(const std::string& file) {
  return usage_message([&] { OutputFile(file).open(); });
}

bool ends_with(const std::string& words, const std::string& end) {
  return words.size() >= end.size() && words.substr(words.size() - end.size()) == end;
}

}  // namespace

TEST_CASE("a file stands under its name once it is committed, and nothing beside it") {
  const TemporaryFolder folder;
  const std::string file = folder.file("t.json"), large(std::size_t{1} << 20, 'x');
  {
    OutputFile out(file);
    CHECK(entries(folder.path()) == 0);  // touches nothing yet
    out.open();
    out.write("a");
    out.write(large);
    out.write("z");
    CHECK_FALSE(fs::exists(file));
    out.commit();
    CHECK(content(file) == "a" + large + "z");
    out.write("again");  // of a run that goes on
    CHECK(content(file).size() == large.size() + 2);
    out.commit();
    CHECK(content(file) == "again");
    out.write("never committed");
  }
  CHECK(content(file) == "again");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("the mode of the old file stays; a new one has what umask leaves") {
  const TemporaryFolder folder;
  const std::string secret = folder.write("secret", "old"), fresh = folder.file("fresh");
  chmod(secret.c_str(), 0600);
  write_whole(secret, "new");
  CHECK(mode_of(secret) == 0600);
  const mode_t before = umask(0027);
  write_whole(fresh, "new");
  umask(before);
  CHECK(mode_of(fresh) == 0640);
}

TEST_CASE("links lead to the new file, and stay links") {
  const TemporaryFolder folder;
  const std::string target = folder.write("below/target", "old"), link = folder.file("link"),
                    chain = folder.file("chain"), dangling = folder.file("dangling");
  fs::create_symlink("below/target", link);
  fs::create_symlink(link, chain);
  fs::create_symlink("below/not yet", dangling);
  write_whole(chain, "new");
  write_whole(dangling, "first");
  CHECK(content(target) == "new");
  CHECK(content(folder.file("below/not yet")) == "first");
  for (const std::string& name : {link, chain, dangling}) CHECK(fs::is_symlink(name));
  fs::create_symlink("circle", folder.file("circle"));
  CHECK(ends_with(refusal(folder.file("circle")), "Too many levels of symbolic links"));
}

TEST_CASE("a FIFO is written into while somebody reads it, and refused while nobody does") {
  const TemporaryFolder folder;
  const std::string fifo = folder.file("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(refusal(fifo) == fifo + ": cannot be written: nobody reads from it");
  const int reader = open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  OutputFile out(fifo);
  out.write("through");
  CHECK(fs::is_fifo(fifo));
  out.commit();
  char bytes[16] = {};
  CHECK(read(reader, bytes, sizeof bytes) == 7);
  CHECK(std::string(bytes) == "through");
  // A reader that goes is a sentence, not the end of the process.
  out.open();
  close(reader);
  CHECK(usage_message([&] {
          out.write("lost");
          out.commit();
        }) == fifo + ": cannot be written: Broken pipe");
  CHECK(fs::is_fifo(fifo));
}

TEST_CASE("a device is written into, and a full one said") {
  write_whole("/dev/null", "gone");
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(usage_message([] { write_whole("/dev/full", "x"); }) ==
        "/dev/full: cannot be written: No space left on device");
}

TEST_CASE("what cannot be written is refused when it is opened") {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "old");
  CHECK(ends_with(refusal(folder.path().string()), "Is a directory"));
  CHECK(ends_with(refusal(folder.file("no/such/t.json")), "No such file or directory"));
  CHECK(ends_with(refusal(file + "/below"), "Not a directory"));
  CHECK(ends_with(refusal(folder.file("t.json/")), "it names no file"));
  CHECK(ends_with(refusal(""), "it names no file"));
  CHECK(ends_with(refusal(folder.file(std::string(300, 'x'))), "File name too long"));
  if (geteuid() != 0) {
    chmod(file.c_str(), 0400);
    CHECK(ends_with(refusal(file), "Permission denied"));
  }
  CHECK(content(file) == "old");
}

TEST_CASE("long names have room for an unfinished one beside them") {
  const TemporaryFolder folder;
  const std::string file = folder.file(std::string(255, 'x'));
  write_whole(file, "old");
  write_whole(file, "new");
  CHECK(content(file) == "new");
  CHECK(entries(folder.path()) == 1);
}
