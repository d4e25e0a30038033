#include <zlib.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/trace/file.h"

namespace shardpipe {
namespace {

constexpr std::size_t kPiece = 1 << 16;

}  // namespace

struct FileBytes::Handle {
  gzFile in = nullptr;
  ~Handle() {
    if (in != nullptr) gzclose(in);
  }
};

// zlib's gz functions pass a file through that is not compressed.
FileBytes::FileBytes(const std::string& file)
    : file_(file), handle_(std::make_unique<Handle>()), piece_(kPiece) {
  handle_->in = gzopen(file.c_str(), "rb");
  if (handle_->in == nullptr) usage_error(text(file, ": cannot be read: ", std::strerror(errno)));
}

FileBytes::~FileBytes() = default;

// Of a compressed file cut short the last call fails, after its last whole byte was given out.
std::string_view FileBytes::next() {
  const int size = gzread(handle_->in, piece_.data(), static_cast<unsigned>(piece_.size()));
  if (size > 0) return {piece_.data(), static_cast<std::size_t>(size)};
  int error = Z_OK;
  const char* message = gzerror(handle_->in, &error);
  if (error == Z_ERRNO) message = std::strerror(errno);
  if (error != Z_OK && error != Z_STREAM_END)
    usage_error(text(file_, ": cannot be read: ", message));
  return {};
}

}  // namespace shardpipe
