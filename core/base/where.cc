#include "core/base/where.h"

#include <cstring>

namespace shardpipe {

const char* Where::name() const {
  const char* slash = std::strrchr(file, '/');
  return slash == nullptr ? file : slash + 1;
}

std::string Where::words(const char* before, const char* after) const {
  if (!*this) return "";
  return std::string(before) + name() + ":" + std::to_string(line) + after;
}

}  // namespace shardpipe
