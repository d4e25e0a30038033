// Work that takes long outside of a run's operations, such as writing a file, says that it goes on.
// Whoever watches this process then does not take it for a hang (core/backends/cpu/wait_board.h).
#pragma once

#include <cstdint>

namespace shardpipe {

// Called by any thread for a piece of work that was done, say a block of a file: much oftener than
// once in a time limit. It costs an atomic addition.
void tell_progress();

std::uint64_t progress_told();  // how often that was called in this process

}  // namespace shardpipe
