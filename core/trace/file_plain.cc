#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "core/base/error.h"
#include "core/trace/file.h"

namespace shardpipe {

std::string file_bytes(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) usage_error(text(file, ": cannot be read: ", std::strerror(errno)));
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) usage_error(text(file, ": cannot be read: ", std::strerror(errno)));
  if (bytes.compare(0, 2, "\x1f\x8b") == 0)
    usage_error(text(file, ": is gzip, and this build has no zlib: unpack it with gunzip first"));
  return bytes;
}

}  // namespace shardpipe
