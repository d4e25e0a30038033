#include "core/trace/file.h"

namespace shardpipe {

std::string_view FileBytes::next_as_it_is() {
  const std::size_t size = file_.read_at(at_, piece_.data(), piece_.size());
  at_ += size;
  return {piece_.data(), size};
}

}  // namespace shardpipe
