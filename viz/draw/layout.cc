#include "viz/draw/layout.h"

#include <algorithm>

namespace shardpipe::viz {
namespace {

class Placing {
 public:
  Placing(const Metrics& metrics, float collapsed_height)
      : metrics_(metrics), collapsed_height_(collapsed_height) {}

  void rank(const RankGroup& group, const RankRow& ranks, bool is_collapsed) {
    layout_.ranks.push_back({&group, ranks, is_collapsed, y_, 0, layout_.rows.size(), 0});
    if (is_collapsed) {
      row({.kind = RowKind::state, .group = &group, .drawn = &group.state}, collapsed_height_);
    } else {
      row({.kind = RowKind::state, .group = &group, .drawn = &group.state}, metrics_.strip());
      if (!group.ideal.row.empty())
        row({.kind = RowKind::ideal, .group = &group, .drawn = &group.ideal}, metrics_.ghost());
      if (!group.blocks.row.empty())
        row({.kind = RowKind::blocks, .group = &group, .drawn = &group.blocks}, metrics_.lane());
      for (const DrawnLane& lane : group.lanes) add(group, lane);
    }
    PlacedRank& placed = layout_.ranks.back();
    const PlacedRow& last = layout_.rows.back();
    placed.height = last.y + last.height - placed.y;
    placed.num_rows = layout_.rows.size() - placed.first_row;
    y_ += is_collapsed ? 1 : metrics_.rank_gap();
  }

  Layout finish() {
    layout_.height = y_;
    return std::move(layout_);
  }

 private:
  void add(const RankGroup& group, const DrawnLane& lane) {
    for (const DrawnRow& drawn : lane.rows)
      row({.kind = RowKind::lane,
           .group = &group,
           .drawn = &drawn,
           .lane = &lane,
           .is_first = &drawn == lane.rows.data()},
          metrics_.lane());
  }

  void row(PlacedRow placed, float height) {
    placed.y = y_;
    placed.height = height;
    layout_.rows.push_back(placed);
    y_ += height + (height > metrics_.row_gap() * 2 ? metrics_.row_gap() : 0);
  }

  const Metrics& metrics_;
  float collapsed_height_;
  float y_ = 0;
  Layout layout_;
};

}  // namespace

Layout lay_out(const TimelineModel& model, const TimelineView& view, float height,
               bool collapse_to_fit, const Metrics& metrics) {
  const auto place_all = [&](bool collapse_all, float collapsed_height) {
    Placing placing(metrics, collapsed_height);
    const auto place = [&](const RankRow& ranks) {
      const RankGroup& group = model.ranks()[static_cast<std::size_t>(ranks.front())];
      placing.rank(group, ranks, collapse_all || view.collapsed_ranks.count(group.rank) > 0);
    };
    for (const RankRow& ranks : view.rows) place(ranks);
    for (std::size_t r = 0; view.rows.empty() && r < model.ranks().size(); ++r)
      place({static_cast<int>(r)});
    return placing.finish();
  };
  Layout layout = place_all(false, metrics.most_collapsed());
  for (float h = metrics.most_collapsed(); collapse_to_fit && layout.height > height; --h) {
    if (h < metrics.least_collapsed()) break;
    layout = place_all(true, h);
  }
  return layout;
}

}  // namespace shardpipe::viz
