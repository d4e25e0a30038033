#include "core/trace/byte_stream.h"

#include "core/base/error.h"

namespace shardpipe {

std::string_view Pieces::next() {
  if (is_over_) return {};
  std::string_view piece;
  try {
    if (since_value_ > kLongestValue)
      usage_error(text(file_.file(), ": a value of more than ", kLongestValue, " bytes"));
    piece = file_.next();
  } catch (const Error& e) {
    failed_ = e.what();
  }
  since_value_ += piece.size();
  is_over_ = piece.empty();
  return piece;
}

}  // namespace shardpipe
