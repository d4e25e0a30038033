// A file that appears under its name only when all of it is on the disk.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace shardpipe {

// Writes FILE.tmp and renames it: FILE is whole or untouched. Each call is a usage_error if it
// fails.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& file);
  ~AtomicFile();  // without commit nothing is left behind
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void give_up();

  std::string file_, temporary_;
  std::FILE* out_;
};

}  // namespace shardpipe
