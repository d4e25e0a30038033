// Where the rows of a timeline lie. A rank is shown in full (blocks, lanes and a state strip), or,
// if collapsed or if there are too many to fit, as its state row alone: a heat map of ranks over
// time.
#pragma once

#include <vector>

#include "viz/model/timeline_model.h"
#include "viz/model/timeline_view.h"

namespace shardpipe::viz {

// Sizes in pixels at a pixel ratio of 1; `scale` multiplies them all.
struct Metrics {
  float scale = 1;

  float px(float at_ratio_1) const {
    return static_cast<float>(static_cast<int>(at_ratio_1 * scale + 0.5F));
  }
  float gutter() const { return px(132); }  // names of ranks and lanes, at the left
  float bars() const { return px(168); }    // figures of a rank, at the right
  float ruler() const { return px(26); }
  float steps() const { return px(16); }  // a second line of the ruler, if there are several
  float lane() const { return px(20); }
  float ghost() const { return px(15); }
  float strip() const { return px(5); }
  float row_gap() const { return px(2); }
  float rank_gap() const { return px(9); }
  float least_collapsed() const { return px(3); }
  float most_collapsed() const { return px(14); }
};

enum class RowKind : std::uint8_t { state, ideal, blocks, lane };

struct PlacedRow {
  RowKind kind = RowKind::lane;
  const RankGroup* group = nullptr;
  const DrawnRow* drawn = nullptr;
  const DrawnLane* lane = nullptr;  // of a lane's row
  bool is_first = true;             // of its lane: the one with the label
  float y = 0, height = 0;          // from the top of the first rank, before scrolling
};

struct PlacedRank {
  const RankGroup* group = nullptr;
  RankRow ranks = {};  // that are drawn as it
  bool is_collapsed = false;
  float y = 0, height = 0;
  std::size_t first_row = 0, num_rows = 0;
};

// Training steps are named where there are several.
inline bool has_step_line(const TimelineModel& model) { return model.steps().size() > 1; }

struct Layout {
  std::vector<PlacedRank> ranks = {};
  std::vector<PlacedRow> rows = {};
  float height = 0;
};

// With `collapse_to_fit` all ranks are collapsed if they do not fit into `height`, and collapsed
// rows are as high as lets them fit.
Layout lay_out(const TimelineModel& model, const TimelineView& view, float height,
               bool collapse_to_fit, const Metrics& metrics);

}  // namespace shardpipe::viz
