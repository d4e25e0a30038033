#include "core/base/data_root.h"

#include <cstdlib>

namespace shardpipe {

std::string data_root() {
  const char* set = std::getenv("SHARDPIPE_DATA_DIR");
  return set != nullptr && *set != '\0' ? set : SHARDPIPE_DATA_ROOT;
}

}  // namespace shardpipe
