// Mutants of the kit's own sources: does a test see it? A file of libshardpipe.so is compiled with
// its recorded flags, a second library is linked beside the first, and the test programs run with
// it; nothing is copied, and the build stays as it is. What survives is judged by a person:
// docs/mutants.md.
#pragma once

#include "labs/learn/mutants.h"

namespace shardpipe {

// where: a file or folder below the root, "core/comm", or a line, "core/comm/group.cc:12"; prints a
// line each: which, and what saw it. The number of those that no test saw. A test program that
// fails without a mutant is left out and named. Usage error if the build has no such file.
int try_source_mutants(const std::string& where, const MutantOptions& options);

}  // namespace shardpipe
