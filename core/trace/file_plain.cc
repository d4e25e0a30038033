#include "core/base/error.h"
#include "core/trace/file.h"

namespace shardpipe {

struct FileBytes::Packed {};

FileBytes::FileBytes(InputFile& file) : file_(file), piece_(std::size_t{1} << 16) {}

FileBytes::~FileBytes() = default;

std::string_view FileBytes::next() {
  const bool is_first = at_ == 0;
  const std::string_view piece = next_as_it_is();
  if (is_first && piece.starts_with("\x1f\x8b"))
    usage_error(text(file(), ": is gzip, and this build has no zlib: unpack it with gunzip first"));
  return piece;
}

}  // namespace shardpipe
