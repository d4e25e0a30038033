// Where the sources and the build lie, for tests that read or run what is in them. Only paths.cc
// knows the two folders, so that a test compiles to the same object in every checkout.
#pragma once

#include <string>

namespace shardpipe {

std::string in_source(const std::string& file);  // in_source("docs/memory.md")
std::string in_build(const std::string& file);

}  // namespace shardpipe
