// Pipes where they may be read: their bytes at any place, whoever comes first.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include "core/base/input_file.h"
#include "tests/support/catch.h"
#include "tests/support/in_child.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

constexpr InputUse kUse = {.what = "a list", .most_bytes = kMiB, .may_be_pipe = true};

// More than a pipe holds, and no two pieces alike.
std::string many_bytes() {
  std::string bytes;
  for (int i = 0; bytes.size() < 300'000; ++i) bytes += text(i, " ");
  return bytes;
}

void write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(to, bytes.data(), bytes.size());
    REQUIRE(n > 0);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

// The two ends of a pipe; `name` is that of the end to read, as <(...) of a shell gives it.
struct Ends {
  Ends() {
    int both[2];
    REQUIRE(pipe2(both, O_CLOEXEC) == 0);
    out = Descriptor(both[0]);
    in = Descriptor(both[1]);
    name = text("/proc/self/fd/", both[0]);
  }
  Descriptor out, in;
  std::string name = {};
};

// TMPDIR is `folder` as long as it lives.
class WithTmpdir {
 public:
  explicit WithTmpdir(const std::string& folder) { setenv("TMPDIR", folder.c_str(), 1); }
  ~WithTmpdir() {
    if (had_)
      setenv("TMPDIR", before_.c_str(), 1);
    else
      unsetenv("TMPDIR");
  }

 private:
  const bool had_ = std::getenv("TMPDIR") != nullptr;
  const std::string before_ = had_ ? std::getenv("TMPDIR") : "";
};

// A FIFO that `write` opens and writes in a thread of its own.
struct Fifo {
  explicit Fifo(std::function<void(const std::string&)> write) {
    REQUIRE(mkfifo(name.c_str(), 0600) == 0);
    writer = std::thread([this, write] { write(name); });
  }
  ~Fifo() { writer.join(); }

  const TemporaryFolder folder = {};
  const std::string name = folder.file("fifo");
  std::thread writer;
};

}  // namespace

TEST_CASE("a FIFO is read at any place while and after it is written") {
  const std::string bytes = many_bytes();
  Fifo fifo([&](const std::string& name) {
    const Descriptor in(open(name.c_str(), O_WRONLY));  // waits for a reader
    write_all(in.number(), bytes);
  });
  InputFile file(fifo.name, kUse);
  std::string piece(1000, '?');
  CHECK(file.read_at(100'000, piece.data(), piece.size()) == piece.size());
  CHECK(piece == bytes.substr(100'000, 1000));
  CHECK(file.read_at(5, piece.data(), piece.size()) == piece.size());
  CHECK(piece == bytes.substr(5, 1000));
  CHECK(file.size() == bytes.size());
  CHECK(file.all() == bytes);
  CHECK(file.read_at(bytes.size() - 10, piece.data(), piece.size()) == 10);
}

TEST_CASE("a FIFO whose writer goes without a word is empty") {
  Fifo fifo([](const std::string& name) { const Descriptor in(open(name.c_str(), O_WRONLY)); });
  CHECK(InputFile(fifo.name, kUse).all().empty());
}

TEST_CASE("a pipe whose writer has gone before it is opened") {
  Ends ends;
  write_all(ends.in.number(), "all there is");
  ends.in = Descriptor();
  InputFile file(ends.name, kUse);
  CHECK(file.all() == "all there is");
  CHECK(InputFile(ends.name, kUse).all().empty());  // it was read before
}

TEST_CASE("what has come is read although more may come") {
  Ends ends;
  write_all(ends.in.number(), "first");
  InputFile file(ends.name, kUse);
  char bytes[5] = {};
  CHECK(file.read_at(0, bytes, 5) == 5);
  CHECK(std::string(bytes, 5) == "first");
  write_all(ends.in.number(), " and last");
  ends.in = Descriptor();
  CHECK(file.all() == "first and last");
}

TEST_CASE("what comes through a pipe has the limit of its use") {
  std::signal(SIGPIPE, SIG_IGN);  // of the writer, when the reader has gone
  Fifo fifo([](const std::string& name) {
    const Descriptor in(open(name.c_str(), O_WRONLY));
    std::string zeros(64 * 1024, '0');
    while (write(in.number(), zeros.data(), zeros.size()) > 0) continue;  // without an end
  });
  CHECK(usage_message([&] { InputFile(fifo.name, kUse).all(); }) ==
        fifo.name + ": more than 1048576 bytes came; a list may have at most that");
  constexpr InputUse kShort = {.what = "a word", .most_bytes = 4, .may_be_pipe = true};
  const auto came_or_said = [&](const std::string& word) {
    Ends ends;
    write_all(ends.in.number(), word);
    ends.in = Descriptor();
    std::string came;
    const std::string said = usage_message([&] { came = InputFile(ends.name, kShort).all(); });
    return came.empty() ? said.substr(ends.name.size()) : came;
  };
  CHECK(came_or_said("four") == "four");
  CHECK(came_or_said("fives") == ": more than 4 bytes came; a word may have at most that");
}

TEST_CASE("what came through a pipe is kept in TMPDIR, in a file without a name") {
  const TemporaryFolder folder;
  const WithTmpdir here(folder.path().string());
  Ends ends;
  write_all(ends.in.number(), "bytes");
  ends.in = Descriptor();
  InputFile file(ends.name, kUse);
  CHECK(file.all() == "bytes");
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a TMPDIR that cannot keep it is a sentence") {
  const TemporaryFolder folder;
  for (const auto& [tmpdir, why] :
       {std::pair(folder.file("nowhere"), "nowhere cannot hold it: No such file or directory"),
        {folder.write("file", ""), "file cannot hold it: Not a directory"}}) {
    const WithTmpdir there(tmpdir);
    const Ends ends;
    const std::string said = usage_message([&] { InputFile(ends.name, kUse); });
    CHECK(lacks(said, {ends.name.c_str(), why, "TMPDIR"}) == "");
  }
  const Ended full = in_child([&] {
    const rlimit little = {4096, 4096};
    setrlimit(RLIMIT_FSIZE, &little);
    std::signal(SIGXFSZ, SIG_IGN);  // as run_main does
    Ends ends;
    write_all(ends.in.number(), std::string(10'000, 'x'));
    ends.in = Descriptor();
    const std::string said = usage_message([&] { InputFile(ends.name, kUse).all(); });
    std::fprintf(stderr, "%s", said.c_str());
  });
  CHECK(full.code == 0);
  CHECK(lacks(full.words, {"cannot hold it: File too large"}) == "");
}

}  // namespace shardpipe
