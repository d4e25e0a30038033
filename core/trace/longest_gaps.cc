#include "core/trace/longest_gaps.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "core/base/error.h"
#include "core/trace/sweep.h"
#include "core/trace/units.h"

namespace shardpipe {
namespace {

bool is_idle(const RankState& state) { return state.compute == Work::none && !state.communicates; }

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

}  // namespace

std::vector<Gap> longest_gaps(const Trace& trace, std::size_t most) {
  RankRow all(static_cast<std::size_t>(trace.ranks()));
  std::iota(all.begin(), all.end(), 0);
  return longest_gaps(trace, most, all);
}

std::vector<Gap> longest_gaps(const Trace& trace, std::size_t most, const RankRow& ranks) {
  std::vector<Gap> gaps;
  for (const std::int32_t rank : ranks)
    for (const RankState& state : sweep(trace, rank, 0, trace.wall_ns)) {
      if (!is_idle(state)) continue;
      if (!gaps.empty() && gaps.back().rank == rank && gaps.back().end_ns == state.begin_ns)
        gaps.back().end_ns = state.end_ns;
      else
        gaps.push_back({rank, state.begin_ns, state.end_ns});
    }
  const std::size_t kept = std::min(most, gaps.size());
  std::partial_sort(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(kept), gaps.end(),
                    [](const Gap& a, const Gap& b) {
                      return std::tuple(-a.length_ns(), a.begin_ns, a.rank) <
                             std::tuple(-b.length_ns(), b.begin_ns, b.rank);
                    });
  gaps.resize(kept);
  return gaps;
}

std::vector<GapReason> explain_gaps(const Trace& trace, std::size_t most) {
  const std::vector<RankRow> rows = alike_ranks(trace);
  RankRow firsts;
  for (const RankRow& row : rows) firsts.push_back(row.front());
  std::vector<GapReason> reasons;
  for (const Gap& gap : longest_gaps(trace, most, firsts)) {
    reasons.push_back(why_gap(trace, gap.rank, gap.begin_ns, gap.end_ns));
    reasons.back().alike = *std::find_if(
        rows.begin(), rows.end(), [&](const RankRow& row) { return row.front() == gap.rank; });
  }
  return reasons;
}

std::string to_text(const std::vector<GapReason>& reasons, const Trace& trace) {
  if (reasons.empty()) return "no rank is idle\n";
  std::string out =
      text("the longest gaps of ", trace.ranks(), " ranks in ", time_text(trace.wall_ns), ":\n");
  for (const GapReason& reason : reasons) {
    int indent = 2;
    for (const std::string& line : reason.lines()) {
      out += wrapped(line, indent);
      indent = 4;
    }
  }
  return out;
}

Json to_json(const std::vector<GapReason>& reasons, const Trace& trace) {
  Json gaps = Json::list();
  for (const GapReason& r : reasons) {
    Json chain = Json::list();
    for (const GapLink& link : r.chain)
      chain.push_back({{"rank", link.rank}, {"words", link.words}});
    gaps.push_back({{"rank", r.rank},
                    {"alike", r.alike},
                    {"begin_s", seconds(r.begin_ns)},
                    {"end_s", seconds(r.end_ns)},
                    {"chain", std::move(chain)}});
  }
  return {{"clock", trace.clock},
          {"hardware", trace.hardware},
          {"wall_s", seconds(trace.wall_ns)},
          {"gaps", std::move(gaps)}};
}

}  // namespace shardpipe
