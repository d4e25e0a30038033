// --technique mine: a command that names answers runs in a process of its own, where they are
// loaded, so that what they do wrong ends that process and not this one.
#pragma once

#include "labs/cli/verbs.h"

namespace shardpipe {

// words: the whole command, such as {"run", "comm-algorithms", "--technique", "mine"}. Compiles the
// answers it names and runs it in front; its exit code. Usage error for an answer that is not there
// or does not compile.
int run_with_answers(const Arguments& words);

}  // namespace shardpipe
