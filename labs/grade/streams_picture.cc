#include "labs/grade/streams_picture.h"

#include "core/trace/terminal_timeline.h"
#include "labs/grade/schedule_picture.h"

namespace shardpipe {
namespace {

constexpr int kMostRanks = 2, kColumns = 88;

// Lanes and spans are in order of the ranks.
Trace of_first_ranks(Trace trace) {
  while (!trace.lanes.empty() && trace.lanes.back().rank >= kMostRanks) trace.lanes.pop_back();
  const auto lanes = static_cast<std::int32_t>(trace.lanes.size());
  while (!trace.spans.empty() && trace.spans.back().lane >= lanes) trace.spans.pop_back();
  return trace;
}

}  // namespace

std::vector<std::string> streams_picture(const RunFacts& facts) {
  std::vector<std::string> lines =
      lines_of(draw_timeline(of_first_ranks(facts.trace), {.columns = kColumns}));
  lines.erase(lines.begin());  // the title: how many ranks there are, and on what
  return lines;
}

}  // namespace shardpipe
