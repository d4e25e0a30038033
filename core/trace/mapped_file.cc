#include "core/trace/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"

namespace shardpipe {

MappedFile::MappedFile(const std::string& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  bool is_read = descriptor >= 0 && fstat(descriptor, &status) == 0;
  if (is_read && status.st_size > 0) {
    size_ = static_cast<std::size_t>(status.st_size);
    void* mapped = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    is_read = mapped != MAP_FAILED;
    if (is_read) data_ = static_cast<const char*>(mapped);
  }
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  if (!is_read) usage_error(text(file, ": cannot be read: ", std::strerror(error)));
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

}  // namespace shardpipe
