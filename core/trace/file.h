// The bytes of a trace file, piece by piece, so that a file of any size takes little memory. Two
// files implement it and CMake picks one: file_zlib.cc also unpacks .gz; file_plain.cc (no zlib on
// this machine) refuses it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/input_file.h"

namespace shardpipe {

class FileBytes {
 public:
  explicit FileBytes(InputFile& file);  // must stay
  ~FileBytes();

  // The next piece, valid until the call after it; empty at the end of the file. usage_error
  // "FILE: ..." if it cannot be read or unpacked.
  std::string_view next();

  const std::string& file() const { return file_.name(); }

 private:
  struct Packed;

  std::string_view next_as_it_is();

  InputFile& file_;
  std::uint64_t at_ = 0;  // of the next piece
  std::vector<char> piece_;
  std::unique_ptr<Packed> packed_;  // none: the file is not
};

}  // namespace shardpipe
