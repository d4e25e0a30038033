#include "tests/support/paths.h"

namespace shardpipe {

std::string in_source(const std::string& file) { return SHARDPIPE_SOURCE_DIR "/" + file; }
std::string in_build(const std::string& file) { return SHARDPIPE_BINARY_DIR "/" + file; }

}  // namespace shardpipe
