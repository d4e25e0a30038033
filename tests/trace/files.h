// Files of the tests of readers and writers.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

namespace shardpipe {

// An empty folder that goes with its contents.
class Folder {
 public:
  explicit Folder(const std::string& name) : path_(in_build("test_trace_" + name)) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// As a new file: one that is cut to nothing and written again, ext4 brings to the disk at once,
// which takes milliseconds.
inline void write(const std::string& file, const std::string& bytes) {
  std::filesystem::remove(file);
  std::ofstream(file, std::ios::binary) << bytes;
}

inline std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What a function of the trace refuses with; it must be a usage error of one line.
template <class Function>
std::string refusal(Function function) {
  try {
    function();
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::usage);
    CHECK(std::string(e.what()).find('\n') == std::string::npos);
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace shardpipe
