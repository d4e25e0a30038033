#include "viz/model/timeline_model.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/base/error.h"
#include "core/trace/ideal_schedule.h"
#include "core/trace/sweep.h"

namespace shardpipe::viz {
namespace {

DrawnRow drawn(Row row) {
  row.finish();
  Pyramid pyramid(row);
  return {std::move(row), std::move(pyramid)};
}

Category state_of(const RankState& piece) {
  switch (piece.compute) {
    case Work::forward: return Category::forward;
    case Work::backward: return Category::backward;
    case Work::backward_input: return Category::backward_input;
    case Work::backward_weight: return Category::backward_weight;
    case Work::other: return Category::other;
    case Work::none: break;
  }
  if (piece.communicates) return Category::exposed;
  return piece.waits ? Category::wait : Category::idle;
}

// Neighbours in the same state are one stretch.
Row states_of(const Trace& trace, int rank) {
  const std::vector<RankState> pieces = sweep(trace, rank, 0, trace.wall_ns);
  Row row;
  row.reserve(pieces.size());
  Stretch last;
  for (const RankState& piece : pieces) {
    const Category state = state_of(piece);
    if (state == last.category && piece.begin_ns == last.end_ns && last.length_ns() > 0) {
      last.end_ns = piece.end_ns;
      continue;
    }
    if (last.length_ns() > 0) row.add(last);
    last = {piece.begin_ns, piece.end_ns, state};
  }
  if (last.length_ns() > 0) row.add(last);
  return row;
}

// F, B, I or W as core/schedule names actions; ' ' if the span belongs to no micro-batch.
char letter_of(const Span& s) {
  if (is_communication(s.kind) || s.tags.microbatch < 0) return ' ';
  switch (s.tags.phase) {
    case Phase::forward: return 'F';
    case Phase::backward: return 'B';
    case Phase::backward_input: return 'I';
    case Phase::backward_weight: return 'W';
    case Phase::none:
    case Phase::optimizer: return ' ';
  }
  return ' ';
}

Category category_of(const Cell& cell) {
  switch (cell.action.kind) {
    case ActionKind::F: return Category::forward;
    case ActionKind::B: return Category::backward;
    case ActionKind::I: return Category::backward_input;
    case ActionKind::W: return Category::backward_weight;
  }
  return Category::other;
}

// A row a rank.
std::vector<DrawnRow> rows_of_cells(const std::vector<Cell>& cells, std::size_t ranks) {
  std::vector<std::vector<Stretch>> stretches(ranks);
  for (const Cell& c : cells)
    stretches[static_cast<std::size_t>(c.rank)].push_back(
        {c.begin_ns, c.end_ns, category_of(c), c.span});
  std::vector<DrawnRow> rows;
  for (auto& of_rank : stretches) rows.push_back(drawn(rows_of(std::move(of_rank))[0]));
  return rows;
}

}  // namespace

TimelineModel::TimelineModel(Trace trace) : trace_(std::move(trace)), stats_(statistics(trace_)) {
  end_ns_ = trace_.wall_ns;
  for (const Span& s : trace_.spans) end_ns_ = std::max(end_ns_, s.end_ns);
  ranks_.resize(static_cast<std::size_t>(trace_.ranks()));
  for (std::size_t r = 0; r < ranks_.size(); ++r) ranks_[r].rank = static_cast<std::int32_t>(r);
  add_lanes();
  add_states();
  add_blocks();
  find_stages();
  find_steps();
  find_categories();
  find_hardware();
}

void TimelineModel::add_lanes() {
  std::vector<std::vector<Stretch>> stretches(trace_.lanes.size());
  std::vector<LaneKind> kinds;  // found once a lane: it is the name that says it
  for (const Lane& lane : trace_.lanes) kinds.push_back(kind_of(lane));
  std::vector<std::size_t> sizes(trace_.lanes.size());
  for (const Span& s : trace_.spans)
    sizes[static_cast<std::size_t>(s.lane)] += s.ready_ns > s.posted_ns ? 2 : 1;
  for (std::size_t l = 0; l < sizes.size(); ++l) stretches[l].reserve(sizes[l]);
  for (std::size_t i = 0; i < trace_.spans.size(); ++i) {
    const Span& s = trace_.spans[i];
    const auto lane = static_cast<std::size_t>(s.lane);
    const auto index = static_cast<std::int32_t>(i);
    if (s.ready_ns > s.posted_ns)
      stretches[lane].push_back({s.posted_ns, s.ready_ns, Category::wait, index});
    stretches[lane].push_back({s.ready_ns, s.end_ns, category_of(s, kinds[lane]), index});
  }
  for (std::size_t l = 0; l < trace_.lanes.size(); ++l) {
    if (stretches[l].empty() && trace_.lanes[l].stream > 0) continue;
    const Lane& lane = trace_.lanes[l];
    DrawnLane drawn_lane{.kind = kinds[l],
                         .lane = static_cast<std::int32_t>(l),
                         .label = lane.name.empty() ? text("stream ", lane.stream) : lane.name};
    for (Row& row : rows_of(std::move(stretches[l])))
      drawn_lane.rows.push_back(drawn(std::move(row)));
    ranks_[static_cast<std::size_t>(lane.rank)].lanes.push_back(std::move(drawn_lane));
  }
  for (RankGroup& group : ranks_)
    std::stable_sort(group.lanes.begin(), group.lanes.end(),
                     [](const DrawnLane& a, const DrawnLane& b) { return a.kind < b.kind; });
}

void TimelineModel::add_states() {
  for (RankGroup& group : ranks_) group.state = drawn(states_of(trace_, group.rank));
}

void TimelineModel::add_blocks() {
  const std::vector<Cell> cells = cells_of(trace_);
  const auto spans = std::count_if(trace_.spans.begin(), trace_.spans.end(), is_in_cell);
  if (static_cast<std::size_t>(spans) == cells.size()) return;  // cells would only repeat the lane
  std::vector<DrawnRow> rows = rows_of_cells(cells, ranks_.size());
  for (std::size_t r = 0; r < rows.size(); ++r) ranks_[r].blocks = std::move(rows[r]);
}

std::string TimelineModel::show_ideal(bool shows) {
  std::vector<DrawnRow> rows(ranks_.size());
  std::string refusal;
  if (shows) {
    IdealSchedule ideal = ideal_schedule(trace_);
    refusal = std::move(ideal.refusal);
    if (refusal.empty()) rows = rows_of_cells(ideal.cells, ranks_.size());
  }
  for (std::size_t r = 0; r < rows.size(); ++r) ranks_[r].ideal = std::move(rows[r]);
  shows_ideal_ = shows && refusal.empty();
  return refusal;
}

std::string TimelineModel::block_name(const Span& s) const {
  const char letter = letter_of(s);
  if (letter == ' ') return name(s);
  const std::string stage = s.tags.stage >= 0 ? std::to_string(s.tags.stage) : "";
  return stage + letter + std::to_string(s.tags.microbatch);
}

void TimelineModel::find_stages() {
  for (const Span& s : trace_.spans) {
    if (s.tags.stage < 0 || is_communication(s.kind)) continue;
    std::vector<int>& stages = ranks_[static_cast<std::size_t>(rank_of(s))].stages;
    const auto at = std::lower_bound(stages.begin(), stages.end(), s.tags.stage);
    if (at == stages.end() || *at != s.tags.stage) stages.insert(at, s.tags.stage);
  }
}

void TimelineModel::find_steps() {
  std::map<std::int32_t, std::int64_t> begins;
  for (const Span& s : trace_.spans) {
    if (s.tags.step < 0) continue;
    const auto [at, is_new] = begins.emplace(s.tags.step, s.posted_ns);
    if (!is_new) at->second = std::min(at->second, s.posted_ns);
  }
  for (const auto& [step, begin_ns] : begins) steps_.push_back({step, begin_ns});
  std::stable_sort(steps_.begin(), steps_.end(),
                   [](const Step& a, const Step& b) { return a.begin_ns < b.begin_ns; });
}

void TimelineModel::find_categories() {
  std::set<Category> found;
  for (const RankGroup& group : ranks_) {
    for (const Category c : group.state.row.inks()) found.insert(c);
    for (const DrawnLane& lane : group.lanes)
      for (const DrawnRow& r : lane.rows)
        for (const Category c : r.row.inks()) found.insert(c);
  }
  categories_.assign(found.begin(), found.end());
}

void TimelineModel::find_hardware() {
  if (trace_.hardware.empty()) return;
  try {
    hardware_ = load_hardware(trace_.hardware);
  } catch (
      const Error&) {  // a machine this copy of the kit does not describe: no peaks to compare with
  }
}

std::size_t TimelineModel::index_bytes() const {
  std::size_t bytes = 0;
  for (const RankGroup& group : ranks_) {
    for (const DrawnRow* r : {&group.state, &group.ideal, &group.blocks})
      bytes += r->row.bytes() + r->pyramid.bytes();
    for (const DrawnLane& lane : group.lanes)
      for (const DrawnRow& r : lane.rows) bytes += r.row.bytes() + r.pyramid.bytes();
  }
  return bytes;
}

std::array<std::int64_t, kNumCategories> states_in(const TimelineModel& model, double begin_ns,
                                                   double end_ns) {
  std::array<std::int64_t, kNumCategories> ns = {};
  const auto first_ns = static_cast<std::int64_t>(begin_ns),
             last_ns = static_cast<std::int64_t>(end_ns);
  for (const RankGroup& group : model.ranks()) {
    const Row& row = group.state.row;
    for (std::size_t i = row.first_ending_after(begin_ns);
         i < row.size() && row.begin_ns(i) < last_ns; ++i)
      ns[static_cast<std::size_t>(row[i].category)] +=
          std::min(row.end_ns(i), last_ns) - std::max(row.begin_ns(i), first_ns);
  }
  return ns;
}

std::vector<std::int32_t> partners_of(const Trace& trace, std::int32_t span) {
  const auto rank_of = [&](const Span& s) {
    return trace.lanes[static_cast<std::size_t>(s.lane)].rank;
  };
  const Span& one = trace.spans[static_cast<std::size_t>(span)];
  std::vector<std::int32_t> partners;
  if (!is_communication(one.kind) || one.group < 0) return partners;
  for (std::size_t i = 0; i < trace.spans.size(); ++i) {
    const Span& other = trace.spans[i];
    if (other.group != one.group || other.kind != one.kind || rank_of(other) == rank_of(one))
      continue;
    const auto came_for = [&](const Span& late, const Span& early) {
      return early.waits_for == rank_of(late) && early.ready_ns == late.posted_ns &&
             early.ready_ns > early.posted_ns;
    };
    const bool is_met = one.sequence >= 0 ? other.sequence == one.sequence
                                          : came_for(one, other) || came_for(other, one);
    if (is_met) partners.push_back(static_cast<std::int32_t>(i));
  }
  return partners;
}

}  // namespace shardpipe::viz
