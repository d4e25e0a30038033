// What a trace may hold, so that everything that is said of it takes time and memory in proportion
// to its events, and sums of its times fit into 64 bits. Of a program's own words what is longer is
// cut; what this kit has written itself is refused.
#pragma once

#include <string>

#include "core/trace/trace.h"

namespace shardpipe {

// Bytes. An operation's name is copied for each step of a path, a lane's label for each thread.
inline constexpr std::size_t kMostName = 1024, kMostLabel = 256;

// `words`, or their beginning and "...". Whole characters stay whole.
std::string shortened(const std::string& words, std::size_t most);

// Usage error if the times of the ranks, or of all operations, cannot be added.
void refuse_what_cannot_be_added(const Trace& trace, const std::string& file);

}  // namespace shardpipe
