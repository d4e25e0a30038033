// Trial: what an answer did when it was tried, and what is wrong with it.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"

namespace shardpipe {

enum class Dimension { correctness, communication, schedule, memory };

const char* name_of(Dimension dimension);

// A check that failed, in a sentence with the learner's own numbers.
struct Finding {
  Dimension dimension = Dimension::correctness;
  std::string said = {};
  std::vector<std::string> picture = {};  // lines that show the place
};

struct Trial {
  int checks = 0;
  std::vector<Finding> findings = {};  // what is wrong first; none: it is right
  bool not_written = false;
  // Of a test that the learner writes: it called nothing wrong, so there might as well be none; and
  // of the points that fit, the part that is earned, by what it finds.
  bool kills_nothing = false;
  double earned = 1;
  ExitCode code = ExitCode::success;  // how it ended: wrong, deadlock, crash
  // All that can be seen of what was done, on exact data: final numbers of every rank, order of
  // messages, how it ended. Two answers that do the same have the same one.
  std::string signature = {};

  bool untouched() const { return not_written || kills_nothing; }
  bool right() const { return findings.empty() && !untouched(); }
  // Wrong numbers, or none at all: nothing else earns points then.
  bool fits(Dimension dimension) const;
};

}  // namespace shardpipe
