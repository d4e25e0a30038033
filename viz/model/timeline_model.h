// TimelineModel: a trace as the viewer shows it. Built once for a trace; drawing only reads it.
//
// A group a rank, in it, from the top:
// - state row: what the rank did at each moment, exactly one thing: forward, backward, other
//   compute, exposed communication, waits for a rank, idle (the sweep of trace stats)
// - ideal row, if asked for: the cells of the run's own schedule, undisturbed
// - block row, where compute names its micro-batch: the cells of the schedule as they were. A cell
//   is the operations of one forward or backward of one micro-batch through one stage
// - lanes, in the order compute, comm, copy, host. A stream has as many rows as its overlapping
//   spans need; none is dropped. An empty stream is shown only if it is the rank's first
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/cost/hardware.h"
#include "core/trace/stats.h"
#include "viz/model/pyramid.h"

namespace shardpipe::viz {

struct DrawnRow {
  Row row;
  Pyramid pyramid;
};

struct DrawnLane {
  LaneKind kind = LaneKind::compute;
  std::int32_t lane = -1;  // index into Trace::lanes
  std::string label = {};
  std::vector<DrawnRow> rows = {};  // at least one
};

struct RankGroup {
  std::int32_t rank = 0;
  std::vector<int> stages = {};  // that it computes for, ascending; empty: no pipeline
  DrawnRow state = {};
  DrawnRow ideal = {};   // empty unless TimelineModel::show_ideal() was asked for
  DrawnRow blocks = {};  // empty where compute names no micro-batch, or is no finer than blocks
  std::vector<DrawnLane> lanes = {};
};

struct Step {
  std::int32_t step = 0;
  std::int64_t begin_ns = 0;  // of its first operation on any rank
};

class TimelineModel {
 public:
  // O(n log n) for n spans. A span that lies beyond the window is shown there.
  explicit TimelineModel(Trace trace);

  const Trace& trace() const { return trace_; }
  const TraceStats& stats() const { return stats_; }
  // The profile that a modelled trace names; none if it is not known here.
  const std::optional<Hardware>& hardware() const { return hardware_; }
  const std::vector<RankGroup>& ranks() const { return ranks_; }
  const std::vector<Step>& steps() const { return steps_; }  // in order of time
  // Of the whole trace, in a fixed order: what the legend lists.
  const std::vector<Category>& categories() const { return categories_; }
  std::int64_t end_ns() const { return end_ns_; }  // the later of the window's and the last span's
  const Span& span(std::int32_t i) const { return trace_.spans[static_cast<std::size_t>(i)]; }
  const std::string& name(const Span& s) const {
    return trace_.names[static_cast<std::size_t>(s.name)];
  }
  int rank_of(const Span& s) const { return trace_.lanes[static_cast<std::size_t>(s.lane)].rank; }

  // "2F5" as in a schedule: stage 2, forward, micro-batch 5; without a micro-batch the span's name.
  std::string block_name(const Span& s) const;

  // Shows or hides the ideal rows. Returns why there are none, or "".
  std::string show_ideal(bool shows);
  bool shows_ideal() const { return shows_ideal_; }

  // Of rows and pyramids, without the trace itself.
  std::size_t index_bytes() const;

 private:
  void add_lanes();
  void add_states();
  void add_blocks();
  void find_stages();
  void find_steps();
  void find_categories();
  void find_hardware();

  Trace trace_;
  TraceStats stats_;
  std::optional<Hardware> hardware_;
  std::vector<RankGroup> ranks_;
  std::vector<Step> steps_;
  std::vector<Category> categories_;
  std::int64_t end_ns_ = 0;
  bool shows_ideal_ = false;
};

struct NamedModel {
  std::string name;
  TimelineModel model;
};

// What all ranks did in [begin, end), by state: ns summed over ranks, indexed by Category. O(ranks
// log n + stretches in it)
std::array<std::int64_t, kNumCategories> states_in(const TimelineModel& model, double begin_ns,
                                                   double end_ns);

// The other spans of the same meeting: the collective on its other ranks, the other side of an
// exchange as far as one waited for the other (else the trace does not say). O(n)
std::vector<std::int32_t> partners_of(const Trace& trace, std::int32_t span);

}  // namespace shardpipe::viz
