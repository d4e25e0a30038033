// How a run that failed ended, in the words of the grader.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"

namespace shardpipe {

struct Ending {
  std::string said = {};                  // one sentence
  std::vector<std::string> picture = {};  // of a deadlock: what each rank waits for, a line each
  std::string signature = {};             // without what differs between two spellings of a mistake
};

// is_modelled: the sentence is the same in every run. Elsewhere it depends on which rank failed
// first, and its numbers are left out of the signature.
Ending ending_of(const Error& error, bool is_modelled);

}  // namespace shardpipe
