// What the grading process says when the learner's code takes it down: which rank was at work, in
// which case, and where in the code. Written to the verdict pipe by a signal handler.
#pragma once

#include <string>

namespace shardpipe {

// While it lives, this thread runs the program of a rank.
class Guarded {
 public:
  Guarded(const char* device, const std::string& case_name, int rank);
  ~Guarded();
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
};

// Signals that mean a fault, exit() and fork(): each writes one line to the descriptor, such as
//   fault SIGSEGV|modelled|3 ranks, 10 numbers|2|1f30
// (what, device, case, rank or -1, offset in the answer's library or 0), and ends the process.
// library: of the answer, which has that entry; its addresses are told as offsets.
void watch_for_faults(int descriptor, const std::string& library, const std::string& entry);

}  // namespace shardpipe
