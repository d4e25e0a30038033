// A process that runs a learner's code: with limits, in a group of its own, heard through pipes. It
// may end, crash, hang, fork or print without end; what it started is gone when this returns. So it
// is when this program is told to end (Ctrl-C, SIGTERM, SIGHUP): that waits until then.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct ChildLimits {
  double seconds = 60;                    // of the clock, then it is killed
  double cpu_seconds = 30;                // of the processor
  std::size_t memory_bytes = 8ull << 30;  // of address space
  std::size_t output_bytes = 1 << 16;     // that are kept of what it prints
};

struct ChildEnd {
  int exit_code = 0;  // of exit()
  int signal = 0;     // that ended it, or 0
  bool timed_out = false;
  std::string report = {};          // what it wrote to descriptor 3
  std::string output = {};          // what it printed, both streams
  std::size_t output_left_out = 0;  // bytes beyond the limit
  double seconds = 0;               // how long it took
};

// What a shell would start. Error(absent), which says what for, if there is none.
std::string find_program(const std::string& name, const std::string& what_for);

// words[0] is the program. Error(fault) if it cannot be started.
ChildEnd run_child(const std::vector<std::string>& words, const ChildLimits& limits = {});

}  // namespace shardpipe
