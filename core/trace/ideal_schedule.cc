#include "core/trace/ideal_schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/schedule/checker.h"

namespace shardpipe {
namespace {

ActionKind kind_of(Phase phase) {
  switch (phase) {
    case Phase::backward: return ActionKind::B;
    case Phase::backward_input: return ActionKind::I;
    case Phase::backward_weight: return ActionKind::W;
    default: return ActionKind::F;
  }
}

double median(std::vector<std::int64_t> values_ns) {
  if (values_ns.empty()) return 0;
  const auto middle = values_ns.begin() + static_cast<std::ptrdiff_t>(values_ns.size() / 2);
  std::nth_element(values_ns.begin(), middle, values_ns.end());
  return static_cast<double>(*middle);
}

// B that is not split counts as I alone: a schedule has the one or the two.
Costs medians(const Trace& trace, const std::vector<Cell>& cells) {
  std::array<std::vector<std::int64_t>, 4> lengths_ns;  // by ActionKind
  for (const Cell& c : cells)
    lengths_ns[static_cast<std::size_t>(c.action.kind)].push_back(c.end_ns - c.begin_ns);
  std::vector<std::int64_t> messages_ns;
  for (const Span& s : trace.spans)
    if (s.kind == OpKind::exchange) messages_ns.push_back(s.busy_ns());
  const auto of = [&](ActionKind kind) {
    return median(lengths_ns[static_cast<std::size_t>(kind)]);
  };
  return {.F = std::max(1.0, of(ActionKind::F)),
          .I = std::max(of(ActionKind::I), of(ActionKind::B)),
          .W = of(ActionKind::W),
          .C = median(messages_ns)};
}

// The cells of one step as a schedule. Ranks that do the same are one rank of it.
class StepSchedule {
 public:
  explicit StepSchedule(const std::vector<Cell>& cells) {
    std::map<std::int32_t, std::vector<Action>> orders;  // by rank of the trace
    for (const Cell& c : cells) orders[c.rank].push_back(c.action);
    std::map<Work, std::size_t> known;
    for (const auto& [rank, order] : orders) {
      Work work;
      for (const Action& a : order) work.emplace(a.stage, a.microbatch);
      const auto [at, is_new] = known.emplace(work, schedule.ranks.size());
      if (is_new) schedule.ranks.push_back(order);
      follows[rank] = at->second;
    }
    for (const Cell& c : cells) {
      schedule.stages = std::max(schedule.stages, c.action.stage + 1);
      schedule.microbatches = std::max(schedule.microbatches, c.action.microbatch + 1);
    }
  }

  Schedule schedule = {};
  std::map<std::int32_t, std::size_t> follows;  // rank of the trace: rank of the schedule

 private:
  using Work = std::set<std::pair<int, int>>;  // stage, micro-batch
};

// Times of one step's cells in the ideal; "" or why there is none.
std::string make_ideal(std::vector<Cell>& cells, IdealSchedule& ideal) {
  const StepSchedule step(cells);
  if (std::string wrong = check_schedule(step.schedule); !wrong.empty()) return wrong;
  const Timing timing = simulate(step.schedule, ideal.costs_ns);
  std::int64_t begin_ns = cells[0].begin_ns, end_ns = cells[0].end_ns;
  for (const Cell& c : cells) {
    begin_ns = std::min(begin_ns, c.begin_ns);
    end_ns = std::max(end_ns, c.end_ns);
  }
  std::map<std::int32_t, std::size_t> next;  // cell of each rank
  for (Cell& c : cells) {
    const Interval t = timing.ranks[step.follows.at(c.rank)][next[c.rank]++];
    c.begin_ns = begin_ns + std::llround(t.start);
    c.end_ns = begin_ns + std::llround(t.end);
  }
  ideal.measured_ns += end_ns - begin_ns;
  ideal.ideal_ns += std::llround(timing.makespan);
  return "";
}

}  // namespace

bool is_in_cell(const Span& s) {
  const Phase p = s.tags.phase;
  return !is_communication(s.kind) && s.tags.microbatch >= 0 && s.end_ns > s.ready_ns &&
         p != Phase::none && p != Phase::optimizer;
}

bool is_same_cell(const Span& a, const Span& b) {
  return a.lane == b.lane && a.tags.phase == b.tags.phase &&
         a.tags.microbatch == b.tags.microbatch && a.tags.stage == b.tags.stage &&
         a.tags.step == b.tags.step;
}

std::vector<Cell> cells_of(const Trace& trace) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < trace.spans.size(); ++i) {
    const Span& s = trace.spans[i];
    if (!is_in_cell(s)) continue;
    const auto rank = trace.lanes[static_cast<std::size_t>(s.lane)].rank;
    if (!cells.empty() &&
        is_same_cell(trace.spans[static_cast<std::size_t>(cells.back().span)], s)) {
      cells.back().end_ns = std::max(cells.back().end_ns, s.end_ns);
      continue;
    }
    cells.push_back({rank,
                     s.tags.step,
                     static_cast<std::int32_t>(i),
                     {s.tags.stage, kind_of(s.tags.phase), s.tags.microbatch},
                     s.ready_ns,
                     s.end_ns});
  }
  const auto earlier = [](const Cell& a, const Cell& b) {
    return std::pair(a.rank, a.begin_ns) < std::pair(b.rank, b.begin_ns);
  };
  // As they are already, where a rank computes on one stream.
  if (!std::is_sorted(cells.begin(), cells.end(), earlier))
    std::stable_sort(cells.begin(), cells.end(), earlier);
  return cells;
}

IdealSchedule ideal_schedule(const Trace& trace) {
  IdealSchedule ideal;
  const std::vector<Cell> cells = cells_of(trace);
  ideal.costs_ns = medians(trace, cells);
  std::map<std::int32_t, std::vector<Cell>> steps;
  for (const Cell& c : cells)
    if (c.action.stage >= 0) steps[c.step].push_back(c);
  for (auto& [number, step] : steps) {
    ideal.refusal = make_ideal(step, ideal);
    if (!ideal.refusal.empty()) return ideal;
    ideal.cells.insert(ideal.cells.end(), step.begin(), step.end());
  }
  if (ideal.cells.empty())
    ideal.refusal = "no operation of the trace names its stage and micro-batch";
  return ideal;
}

}  // namespace shardpipe
