#pragma once

#include <string>

namespace shardpipe {

// Where a chain of symbolic links ends, whether a file is there or not; a name that is no link
// leads to itself.
std::string followed_link(std::string name);

}  // namespace shardpipe
