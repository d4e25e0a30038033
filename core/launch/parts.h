// Parts of the kit that ./lab builds only when a verb wants them: plugins and programs beside
// libshardpipe.so. A program that is started without ./lab may find that one is not there yet.
#pragma once

#include <string>

namespace shardpipe {

// The path of a file beside libshardpipe.so.
std::string beside_library(const std::string& name);

// "not built yet: ./lab build mpi", if that makes this file; "" if what it needs was not found.
std::string how_to_build(const std::string& file);

}  // namespace shardpipe
