// What every program of the kit does around its work.
#pragma once

#include <functional>
#include <string>

#include "core/base/terminal.h"

namespace shardpipe {

using SayError = std::function<void(const std::string& message, ExitCode code)>;

// Runs `work` and returns the program's exit code: that of work, or of what it threw, which is said
// in one line. What was printed must have arrived: where stdout is full or closed that is said,
// too, and a program that went well ends with ExitCode::usage. Descriptors 0 to 2 that are closed
// are taken first, so that no file that is opened later becomes one of them. A write beyond `ulimit
// -f` fails, and does not end the program. What `work` prints on std::cout reaches stdout
// printable.
int run_main(const std::function<int()>& work, const SayError& say = say_error);

}  // namespace shardpipe
