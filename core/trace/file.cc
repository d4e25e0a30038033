#include "core/trace/file.h"

namespace shardpipe {

std::string file_bytes(const std::string& file) {
  FileBytes in(file);
  std::string bytes;
  for (std::string_view piece = in.next(); !piece.empty(); piece = in.next()) bytes += piece;
  return bytes;
}

}  // namespace shardpipe
