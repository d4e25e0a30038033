#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/trace/file.h"

namespace shardpipe {

// zlib's gz functions pass a file through that is not compressed.
std::string file_bytes(const std::string& file) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(file.c_str(), "rb"), gzclose);
  if (in == nullptr) usage_error(text(file, ": cannot be read: ", std::strerror(errno)));
  std::string bytes;
  std::vector<char> chunk(1 << 16);
  int num_read = 0;
  while ((num_read = gzread(in.get(), chunk.data(), static_cast<unsigned>(chunk.size()))) > 0)
    bytes.append(chunk.data(), static_cast<std::size_t>(num_read));
  int error = Z_OK;
  const char* message = gzerror(in.get(), &error);
  if (error == Z_ERRNO) message = std::strerror(errno);
  // A file cut short ends with Z_BUF_ERROR after its last whole byte.
  if (error != Z_OK && error != Z_STREAM_END)
    usage_error(text(file, ": cannot be read: ", message));
  return bytes;
}

}  // namespace shardpipe
