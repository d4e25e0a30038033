// What a name may stand for, and what may happen to a file: its bytes, or one sentence.
#include "core/base/input_file.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/in_child.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

constexpr InputUse kUse = {.what = "a list", .most_bytes = 1000};

std::string refusal(const std::string& name) {
  return usage_message([&] { InputFile(name, kUse).all(); });
}

std::string bytes_at(InputFile& file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '?');
  bytes.resize(file.read_at(offset, bytes.data(), size));
  return bytes;
}

void make_socket(const std::string& name) {
  const Descriptor socket_of(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
  REQUIRE(name.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, name.c_str(), name.size());
  REQUIRE(bind(socket_of.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

// The code and the words of what `f` throws, in a process of its own.
template <class F>
Ended ends(F f) {
  return in_child([&] {
    try {
      f();
    } catch (const Error& e) {
      std::fprintf(stderr, "%s", e.what());
      _exit(static_cast<int>(e.code()));
    }
  });
}

}  // namespace

TEST_CASE("a file is read at any place, and no further than its end") {
  const TemporaryFolder folder;
  InputFile file(folder.write("a", "0123456789"), kUse);
  CHECK(file.size() == 10);
  CHECK(file.all() == "0123456789");
  CHECK(bytes_at(file, 3, 4) == "3456");
  CHECK(bytes_at(file, 8, 4) == "89");
  CHECK(bytes_at(file, 10, 4).empty());
  CHECK(bytes_at(file, UINT64_MAX, 4).empty());
  CHECK(bytes_at(file, 0, 0).empty());
  CHECK(InputFile(folder.write("empty", ""), kUse).all().empty());
}

TEST_CASE("what is no regular file is refused, and called what it is") {
  const TemporaryFolder folder;
  const std::string pipe = folder.file("pipe"), socket = folder.file("socket");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  make_socket(socket);
  CHECK(refusal(folder.path().string()) == folder.path().string() + ": is a folder, not a list");
  CHECK(refusal(pipe) ==
        pipe + ": is a pipe, not a list: write what comes through it to a file first");
  CHECK(refusal(socket) == socket + ": is a socket, not a list");
  for (const char* device : {"/dev/null", "/dev/zero", "/dev/urandom"})
    CHECK(refusal(device) == text(device, ": is a device, not a list"));
  CHECK(lacks(refusal("/proc/self/status"), {"says that it is empty and is not"}) == "");
}

TEST_CASE("names that lead to no file") {
  const TemporaryFolder folder;
  const std::string loop = folder.file("loop"), lost = folder.file("lost");
  std::filesystem::create_symlink(loop, loop);
  std::filesystem::create_symlink(folder.file("nowhere"), lost);
  CHECK(refusal(loop) == loop + ": cannot be read: Too many levels of symbolic links");
  CHECK(refusal(lost) == lost + ": cannot be read: No such file or directory");
  CHECK(refusal(folder.write("file", "x") + "/inside") ==
        folder.file("file") + "/inside: cannot be read: Not a directory");
  CHECK(refusal("") == "the name of a file is empty");
  CHECK(lacks(refusal(folder.file("a") + std::string(1, '\0') + "b"), {"NUL"}) == "");
  const std::string long_name = refusal(std::string(5000, 'x'));
  CHECK(lacks(long_name, {"(a name of 5000 bytes)", "File name too long"}) == "");
  CHECK(long_name.size() < 300);
}

TEST_CASE("each use has its limit, which the sentence tells") {
  const TemporaryFolder folder;
  CHECK(InputFile(folder.write("full", std::string(1000, 'x')), kUse).all().size() == 1000);
  const std::string large = folder.write("large", std::string(1001, 'x'));
  CHECK(refusal(large) == large + ": has 1001 bytes; a list may have at most 1000");
}

TEST_CASE("a file that is cut while it is read is refused; what is appended is not seen") {
  const TemporaryFolder folder;
  const std::string name = folder.write("a", std::string(100, 'x'));
  InputFile file(name, kUse);
  std::filesystem::resize_file(name, 40);
  CHECK(bytes_at(file, 0, 40) == std::string(40, 'x'));
  CHECK(usage_message([&] { file.all(); }) ==
        name + ": ends after 40 of its 100 bytes: it was cut while it was read");
  std::filesystem::resize_file(name, 2000);
  CHECK(file.all().size() == 100);
  folder.write("b", "new");
  std::filesystem::rename(folder.file("b"), name);  // as every program saves
  CHECK(file.all().size() == 100);
}

TEST_CASE("what the system refuses is said with its exit code") {
  const TemporaryFolder folder;
  const std::string name = folder.write("a", "x");
  const Ended none_left = ends([&] {
    const rlimit no_more = {3, 3};
    setrlimit(RLIMIT_NOFILE, &no_more);
    InputFile(name, kUse);
  });
  CHECK(none_left.code == static_cast<int>(ExitCode::crash));
  CHECK(none_left.words == name + ": cannot be read: Too many open files");
  const Ended not_allowed = ends([&] {
    chmod(name.c_str(), 0);
    chmod(folder.path().c_str(), 0755);
    if (geteuid() == 0 && seteuid(65534) != 0) _exit(1);
    InputFile(name, kUse);
  });
  CHECK(not_allowed.code == static_cast<int>(ExitCode::usage));
  CHECK(not_allowed.words == name + ": cannot be read: Permission denied");
}

TEST_CASE("files of a folder come in order of name, those below where asked") {
  const TemporaryFolder folder;
  const std::string root = folder.path().string();
  for (const char* name : {"b.md", "a.md", "c.txt", "inner/d.md"}) folder.write(name, "x");
  std::filesystem::create_directory(folder.file("folder.md"));
  CHECK(files_in(root, ".md") == std::vector<std::string>{root + "/a.md", root + "/b.md"});
  CHECK(files_in(root, ".md", true) ==
        std::vector<std::string>{root + "/a.md", root + "/b.md", root + "/inner/d.md"});
  CHECK(files_in(root + "/nowhere", ".md").empty());
  CHECK(lacks(usage_message([&] { files_in(root + "/a.md", ".md"); }), {"Not a directory"}) == "");
}

TEST_CASE("what cannot be looked at is there") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(folder.file("loop"), folder.file("loop"));
  CHECK(is_there(folder.write("a", "")));
  CHECK(is_there(folder.file("loop")));
  CHECK(is_there(std::string(5000, 'x')));
  CHECK_FALSE(is_there(folder.file("b")));
  CHECK_FALSE(is_there(folder.file("a/b")));
}

}  // namespace shardpipe
