#include "labs/grade/side_by_side.h"

#include <algorithm>

#include "core/trace/chrome_json.h"

namespace shardpipe {
namespace {

struct OneSide {
  RunFacts facts = {};
  std::string error = {};
};

OneSide run_side(const DeviceCase& c, const std::string& file) {
  OneSide side;
  try {
    side.facts = run_on_grading_machine(c, &side.facts.trace);
  } catch (const Error& e) {
    side.error = e.what();
  }
  if (!side.facts.trace.lanes.empty()) write_chrome_json(side.facts.trace, file);
  return side;
}

std::string call_at(const RankFacts& facts, std::size_t i) {
  return i < facts.calls.size() ? facts.calls[i].words() : "(nothing more)";
}

std::size_t at(int rank) { return static_cast<std::size_t>(rank); }

// The first call of a rank that is not the other's; the number of calls of both if there is none.
std::size_t first_different(const RankFacts& a, const RankFacts& b) {
  const std::size_t most = std::max(a.calls.size(), b.calls.size());
  for (std::size_t i = 0; i < most; ++i)
    if (call_at(a, i) != call_at(b, i)) return i;
  return most;
}

std::string figures(const char* whose, const OneSide& side) {
  if (!side.error.empty()) return text(whose, "  ", side.error);
  std::int64_t sent = 0, peak = 0;
  std::size_t calls = 0;
  for (const RankFacts& rank : side.facts.ranks) {
    sent = std::max(sent, rank.sent_bytes());
    peak = std::max(peak, rank.peak_bytes);
    calls = std::max(calls, rank.calls.size());
  }
  return text(whose, "  ", calls, " calls, ", sent, " bytes sent in exchanges, ", peak,
              " bytes held, ", side.facts.wall_ns, " ns (the busiest rank; modelled)");
}

}  // namespace

SideBySide side_by_side(const DeviceCase& mine, const DeviceCase& ours, const std::string& prefix) {
  const OneSide a = run_side(mine, prefix + "-mine.json"),
                b = run_side(ours, prefix + "-ours.json");
  SideBySide result{.lines = {mine.name, figures("mine", a), figures("ours", b)}};
  for (int rank = 0; rank < mine.grid.ranks(); ++rank) {
    const RankFacts none;
    const RankFacts& x = at(rank) < a.facts.ranks.size() ? a.facts.ranks[at(rank)] : none;
    const RankFacts& y = b.facts.ranks.at(at(rank));
    const std::size_t i = first_different(x, y);
    if (i == std::max(x.calls.size(), y.calls.size())) continue;
    result.same = false;
    result.lines.push_back(text("rank ", rank, ", call ", i + 1, " is the first that differs"));
    result.lines.push_back("  mine  " + call_at(x, i));
    result.lines.push_back("  ours  " + call_at(y, i));
  }
  if (result.same && a.error.empty()) result.lines.push_back("all ranks call the same, in order");
  return result;
}

}  // namespace shardpipe
