#include "labs/grade/trial.h"

#include <algorithm>

namespace shardpipe {

const char* name_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::correctness: return "correctness";
    case Dimension::communication: return "communication";
    case Dimension::schedule: return "schedule";
    case Dimension::memory: return "memory";
  }
  return "?";
}

bool Trial::fits(Dimension dimension) const {
  return !not_written && std::none_of(findings.begin(), findings.end(), [&](const Finding& f) {
    return f.dimension == Dimension::correctness || f.dimension == dimension;
  });
}

}  // namespace shardpipe
