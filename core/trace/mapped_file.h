// A file's bytes in memory, read by the system as they are touched.
#pragma once

#include <string>
#include <string_view>

namespace shardpipe {

class MappedFile {
 public:
  // usage_error "FILE: cannot be read: ..."
  explicit MappedFile(const std::string& file);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {data_, size_}; }  // data() at a multiple of 8

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace shardpipe
