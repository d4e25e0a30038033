// Why a rank is idle: the chain of waits behind a gap, from the operation that ends it back to the
// one that everything waited for.
//
// An operation that waited names, in its span, the rank that came last: what did that rank do until
// then? A compute span is asked by its tags: F of a stage needs F of the stage before, B and I need
// that of the stage behind (core/schedule has the same rule). Of an operation that never ended the
// rank is asked that never came.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/trace/trace.h"

namespace shardpipe {

// One link of the chain: what `rank` did, or waited in.
struct GapLink {
  std::int32_t rank = 0;
  std::int32_t span = -1;  // index into Trace::spans; -1: no operation is known
  std::string words = {};  // "its exchange (micro-batch 5) waits for rank 1"
  // In this time its work kept the link before it waiting; of the first link the end of the gap.
  std::int64_t since_ns = 0, until_ns = 0;
};

struct GapReason {
  std::int32_t rank = 0;
  std::int64_t begin_ns = 0, end_ns = 0;
  std::vector<GapLink> chain = {};  // at least one link
  std::vector<int> alike = {};      // all ranks that are idle likewise; empty: not asked

  // "rank 2 is idle 1.900 ms", "ranks 4-7 (4) are idle 1.900 ms".
  std::string heading() const;
  // "rank 2 is idle 1.900 ms: its exchange ... waits for rank 1, which ..., which ..."
  std::string sentence() const;
  // The same as a heading, "rank 2 is idle 1.900 ms, from ... to ...", and a line for each link.
  std::vector<std::string> lines() const;
};

// For idle time of `rank` in [begin_ns, end_ns). Linear in the spans of the ranks it visits.
GapReason why_gap(const Trace& trace, int rank, std::int64_t begin_ns, std::int64_t end_ns);

}  // namespace shardpipe
