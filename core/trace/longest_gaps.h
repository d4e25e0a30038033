// Where ranks are idle, and a page of reasons: waiting and idling that follow each other are one
// gap.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/trace/gap.h"
#include "core/trace/rank_rows.h"

namespace shardpipe {

struct Gap {
  std::int32_t rank = -1;  // -1: none
  std::int64_t begin_ns = 0, end_ns = 0;

  std::int64_t length_ns() const { return end_ns - begin_ns; }
};

// Of all ranks within the window, the longest first, `most` at most; of equally long ones the
// earliest first. O(n log n) for n spans
std::vector<Gap> longest_gaps(const Trace& trace, std::size_t most);
std::vector<Gap> longest_gaps(const Trace& trace, std::size_t most, const RankRow& ranks);

constexpr std::size_t kExplainedGaps = 5;  // of a report, and of lab trace explain

// The longest gaps with the chain of waits behind each, one for all ranks that do the same.
std::vector<GapReason> explain_gaps(const Trace& trace, std::size_t most);

// What `lab trace explain` prints, in at most 100 columns, and writes with --json.
std::string to_text(const std::vector<GapReason>& reasons, const Trace& trace);
Json to_json(const std::vector<GapReason>& reasons, const Trace& trace);

}  // namespace shardpipe
