// The bytes of a file to read, piece by piece, so that a file of any size takes little memory. Two
// files implement it and CMake picks one: file_zlib.cc also unpacks .gz; file_plain.cc (no zlib on
// this machine) refuses it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace shardpipe {

class FileBytes {
 public:
  // usage_error "FILE: ..." if the file cannot be read, here and in next().
  explicit FileBytes(const std::string& file);
  ~FileBytes();

  // The next piece, valid until the call after it; empty at the end of the file.
  std::string_view next();

  const std::string& file() const { return file_; }

 private:
  struct Handle;

  std::string file_;
  std::unique_ptr<Handle> handle_;
  std::vector<char> piece_;
};

// All of them.
std::string file_bytes(const std::string& file);

}  // namespace shardpipe
