#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/trace/file.h"

namespace shardpipe {

std::string file_bytes(const std::string& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rb"),
                                                           std::fclose);
  if (in == nullptr) usage_error(text(file, ": cannot be read: ", std::strerror(errno)));
  std::string bytes;
  std::vector<char> chunk(1 << 16);
  std::size_t num_read = 0;
  while ((num_read = std::fread(chunk.data(), 1, chunk.size(), in.get())) > 0)
    bytes.append(chunk.data(), num_read);
  if (std::ferror(in.get()) != 0)
    usage_error(text(file, ": cannot be read: ", std::strerror(errno)));
  if (bytes.compare(0, 2, "\x1f\x8b") == 0)
    usage_error(text(file, ": is gzip, and this build has no zlib: unpack it with gunzip first"));
  return bytes;
}

}  // namespace shardpipe
