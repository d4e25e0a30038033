#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/base/error.h"
#include "core/trace/file.h"

namespace shardpipe {
namespace {

constexpr std::size_t kPiece = 1 << 16;

}  // namespace

struct FileBytes::Handle {
  std::FILE* in = nullptr;
  bool is_begun = false;
  ~Handle() {
    if (in != nullptr) std::fclose(in);
  }
};

FileBytes::FileBytes(const std::string& file)
    : file_(file), handle_(std::make_unique<Handle>()), piece_(kPiece) {
  handle_->in = std::fopen(file.c_str(), "rb");
  if (handle_->in == nullptr) usage_error(text(file, ": cannot be read: ", std::strerror(errno)));
}

FileBytes::~FileBytes() = default;

std::string_view FileBytes::next() {
  const std::size_t size = std::fread(piece_.data(), 1, piece_.size(), handle_->in);
  if (std::ferror(handle_->in) != 0)
    usage_error(text(file_, ": cannot be read: ", std::strerror(errno)));
  const std::string_view piece(piece_.data(), size);
  if (!handle_->is_begun && piece.starts_with("\x1f\x8b"))
    usage_error(text(file_, ": is gzip, and this build has no zlib: unpack it with gunzip first"));
  handle_->is_begun = true;
  return piece;
}

}  // namespace shardpipe
