// Producers: which compute of a pipeline made what another stage needed. Told by tags alone (step,
// stage, micro-batch, phase).
#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "core/trace/trace.h"

namespace shardpipe {

class Producers {
 public:
  explicit Producers(const Trace& trace);  // O(n log n)

  // The last span of the compute whose result `span` needs from another stage: F that of the stage
  // before, B and I that of the stage behind. -1: none, or tags do not say.
  std::int32_t producer_of(const Span& span) const;

 private:
  using Key = std::tuple<std::int32_t, std::int32_t, std::int32_t, bool>;  // .., is forward

  std::map<Key, std::int32_t> last_;  // span that ended last
};

}  // namespace shardpipe
