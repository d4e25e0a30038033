// TimelineView: what a person chose to see. Input changes it, painting reads it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/trace/gap.h"
#include "core/trace/rank_rows.h"
#include "viz/model/table.h"
#include "viz/model/view_range.h"

namespace shardpipe::viz {

// A span, or a stretch in which a rank is idle.
struct Selection {
  enum class What : std::uint8_t { none, span, gap };
  What what = What::none;
  std::int32_t span = -1;
  std::int32_t rank = -1;
  std::int64_t begin_ns = 0, end_ns = 0;
  GapReason why = {};  // of idle time: found once, when it is selected
};

struct TimelineView {
  ViewRange range = {};
  float scroll = 0;  // pixels above the top of the picture
  std::set<int> collapsed_ranks = {};
  std::vector<RankRow> rows =
      {};  // ranks that are drawn once, as their first; empty: each by itself
  Selection selected = {};
  ViewRange measured = {0, 0};  // range that was dragged over; empty: none
  std::vector<double> marks_ns = {};
  bool shows_bubbles = true, shows_exposed = true, shows_flows = true;
  bool shows_critical_path = false;
  bool is_dark = true;
  std::string note = {};  // above the details: why something asked for cannot be shown
  Table table = {};       // shown below the timeline, if it is not empty
};

}  // namespace shardpipe::viz
