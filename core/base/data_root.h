// Where the kit's own files lie (its text, hardware profiles): the source folder it was built from,
// or what the environment variable SHARDPIPE_DATA_DIR says.
#pragma once

#include <string>

namespace shardpipe {

std::string data_root();

}  // namespace shardpipe
