#include "viz/draw/rows.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/error.h"
#include "viz/model/bars.h"

namespace shardpipe::viz {
namespace {

constexpr float kLeastHatched = 4;   // pixels: narrower idle time is left blank
constexpr float kLeastOutlined = 3;  // narrower exposed communication shows in the strip alone
constexpr float kGhost = 0.45F;      // opacity of what should have been
constexpr float kLeastSeam = 4;      // wider neighbours are told apart by a seam

class RowsPainter {
 public:
  explicit RowsPainter(const Frame& frame)
      : frame_(frame), canvas_(frame.canvas), colours_(frame.colours), m_(frame.metrics) {}

  RowsPainted paint() {
    for (std::size_t r = 0; r < frame_.layout.ranks.size(); ++r) {
      const PlacedRank& rank = frame_.layout.ranks[r];
      const float top = frame_.plot.y0 + rank.y - frame_.view.scroll;
      if (!frame_.is_visible(top, rank.height)) continue;
      paint_rank(rank, top, r % 2 == 1);
    }
    return painted_;
  }

 private:
  void paint_rank(const PlacedRank& rank, float top, bool is_second) {
    const Box& all = frame_.box;
    canvas_.clip({all.x0, frame_.plot.y0, all.x1, frame_.plot.y1});
    if (is_second && !rank.is_collapsed)
      canvas_.fill({all.x0, top - m_.px(4), all.x1, top + rank.height + m_.px(2)}, colours_.band);
    name_rank(rank, top);
    canvas_.unclip();
    canvas_.clip({frame_.plot.x0, frame_.plot.y0, frame_.plot.x1, frame_.plot.y1});
    for (std::size_t i = rank.first_row; i < rank.first_row + rank.num_rows; ++i) {
      const PlacedRow& row = frame_.layout.rows[i];
      Box lane = frame_.box_of(row);  // ends where the trace does
      lane.x0 = frame_.x_of(0);
      lane.x1 = frame_.x_of(frame_.model.end_ns());
      canvas_.fill(lane, colours_.lane);
      const bool is_compute = row.kind == RowKind::lane && row.lane->kind == LaneKind::compute;
      if (frame_.view.shows_bubbles &&
          (row.kind == RowKind::blocks || (is_compute && row.is_first)))
        hatch_idle(row);
      paint_row(row);
      if (frame_.view.shows_exposed && row.kind == RowKind::lane) outline_exposed(row);
    }
    canvas_.unclip();
  }

  void name_rank(const PlacedRank& rank, float top) {
    const float small = canvas_.text_height(Face::small),
                normal = canvas_.text_height(Face::normal);
    if (rank.is_collapsed && rank.height < small && rank.group->rank % 8 != 0) return;
    const bool is_one = rank.ranks.size() == 1;
    const std::string name =
        is_one ? text("rank ", rank.group->rank) : "ranks " + list_of(rank.ranks);
    const float y = rank.is_collapsed ? top + std::max(0.0F, (rank.height - small) / 2) - 1
                                      : top + m_.strip() + m_.row_gap() + (m_.lane() - normal) / 2;
    canvas_.text({frame_.box.x0 + m_.px(10), y}, colours_.text, name,
                 rank.is_collapsed || !is_one ? Face::small : Face::normal);
    if (!is_one && rank.height > 2 * m_.lane())
      canvas_.text({frame_.box.x0 + m_.px(10), y + m_.lane()}, colours_.dim_text,
                   text("(", rank.ranks.size(), ")"), Face::small);
    float left =
        frame_.box.x0 + m_.px(12) + canvas_.text_width(name, is_one ? Face::normal : Face::small);
    for (std::size_t i = rank.first_row; i < rank.first_row + rank.num_rows; ++i) {
      const PlacedRow& row = frame_.layout.rows[i];
      if (row.kind == RowKind::state || !row.is_first) continue;
      std::string label = row.kind == RowKind::ideal    ? "ideal"
                          : row.kind == RowKind::blocks ? blocks_label(*row.group)
                                                        : row.lane->label;
      const float room = frame_.plot.x0 - m_.px(8) - left;
      if (canvas_.text_width(label, Face::small) > room)
        label = shortened(label, room, Face::small);
      left = frame_.box.x0 + m_.px(10);  // below the first row there is no rank's name
      canvas_.text({frame_.plot.x0 - m_.px(8) - canvas_.text_width(label, Face::small),
                    frame_.top_of(row) + (row.height - small) / 2},
                   colours_.dim_text, label, Face::small);
    }
  }

  void paint_row(const PlacedRow& placed) {
    const Row& row = placed.drawn->row;
    const Box box = frame_.box_of(placed);
    bars_of(row, placed.drawn->pyramid, frame_.scale, static_cast<int>(placed.height), bars_);
    painted_.bars += bars_.size();
    std::array<Colour, kNumCategories> colours;  // by ink; idle time has none
    colours.fill({0, 0, 0, 0});
    for (std::size_t ink = 0; ink < row.inks().size(); ++ink)
      if (row.inks()[ink] != Category::idle)
        colours[ink] =
            colours_.of(row.inks()[ink]).faded(placed.kind == RowKind::ideal ? kGhost : 1);
    fills_.clear();
    for (const Bar& bar : bars_) {
      Colour colour = colours[bar.ink];
      if (colour.a == 0) continue;
      if (bar.stretch >= 0 && is_later_stage(placed, row[static_cast<std::size_t>(bar.stretch)]))
        colour = colour.darker();
      fills_.push_back({{bar.x0, box.y1 - bar.y1, bar.x1, box.y1 - bar.y0},
                        bar.cover < 1 ? colour.faded(bar.cover) : colour});
      if (!has_label(bar, placed)) continue;
      if (bar.x1 - bar.x0 >= kLeastSeam)
        fills_.push_back({{bar.x1 - 1, box.y0, bar.x1, box.y1}, colours_.background.faded(0.55F)});
      if (frame_.comparison != nullptr && placed.kind == RowKind::lane)
        mark_change(row[static_cast<std::size_t>(bar.stretch)], {bar.x0, box.y0, bar.x1, box.y1});
    }
    canvas_.fill_all(fills_);
    for (const Bar& bar : bars_)
      if (colours[bar.ink].a != 0 && has_label(bar, placed))
        label(placed, row[static_cast<std::size_t>(bar.stretch)], {bar.x0, box.y0, bar.x1, box.y1});
  }

  static std::string blocks_label(const RankGroup& group) {
    return group.stages.size() > 1 ? "stages " + list_of(group.stages) : "micro-batch";
  }

  // A cell of a schedule, and not of the first stage that the rank holds.
  bool is_later_stage(const PlacedRow& placed, const Stretch& stretch) const {
    const RankGroup& group = *placed.group;
    const bool has_cells = placed.kind == RowKind::blocks || group.blocks.row.empty();
    if (!has_cells || stretch.span < 0 || group.stages.size() < 2) return false;
    const Span& span = frame_.model.span(stretch.span);
    return !is_communication(span.kind) && span.tags.stage > group.stages.front();
  }

  static bool has_label(const Bar& bar, const PlacedRow& row) {
    return bar.stretch >= 0 && row.kind != RowKind::state;
  }

  // A line along the top of a span that takes another time than its like in the other trace.
  void mark_change(const Stretch& stretch, const Box& box) {
    if (stretch.span < 0 || stretch.category == Category::wait) return;
    const Change change = frame_.comparison->changes[static_cast<std::size_t>(stretch.span)];
    if (change == Change::same) return;
    const Colour colour = change == Change::shorter  ? colours_.shorter
                          : change == Change::longer ? colours_.longer
                                                     : colours_.only_here;
    fills_.push_back({{box.x0, box.y0, box.x1, box.y0 + m_.px(3)}, colour});
  }

  // The name of a span, or as much of it as can be read.
  void label(const PlacedRow& placed, const Stretch& stretch, const Box& box) {
    const float pad = m_.px(3);
    if (stretch.span < 0 || box.width() < 2 * pad + m_.px(7)) return;
    const Span& span = frame_.model.span(stretch.span);
    const bool is_cell = placed.kind == RowKind::blocks || placed.kind == RowKind::ideal;
    std::string words = is_cell ? frame_.model.block_name(span) : frame_.model.name(span);
    if (stretch.category == Category::wait)
      words = span.waits_for >= 0 ? text("waits for rank ", span.waits_for) : "waits";
    const Face face = placed.kind == RowKind::blocks ? Face::normal : Face::small;
    const float room = box.width() - 2 * pad;
    // A cell of a schedule that is too narrow for its name shows its micro-batch.
    if (canvas_.text_width(words, face) > room && !is_communication(span.kind) &&
        span.tags.microbatch >= 0 && words == frame_.model.block_name(span))
      words = std::to_string(span.tags.microbatch);
    if (canvas_.text_width(words, face) > room) words = shortened(words, room, face);
    if (words.empty()) return;
    const Colour below = colours_.of(stretch.category);
    const Colour colour = placed.kind == RowKind::ideal
                              ? colours_.text
                              : ink_on(is_later_stage(placed, stretch) ? below.darker() : below);
    canvas_.text({box.x0 + pad, box.y0 + (box.height() - canvas_.text_height(face)) / 2}, colour,
                 words, face);
    ++painted_.labels;
  }

  // At least three letters and "..": less says nothing. Empty if they do not fit.
  std::string shortened(std::string words, float room, Face face) {
    while (words.size() > 3) {
      words.pop_back();
      while (words.size() > 3 && words.back() == ' ') words.pop_back();
      if (canvas_.text_width(words + "..", face) <= room) return words + "..";
    }
    return "";
  }

  // Lines rise to the right, on a raster fixed to the picture, so that neighbours match.
  void hatch_idle(const PlacedRow& placed) {
    const Box box = frame_.box_of(placed);
    for_wide(placed.group->state, kLeastHatched, [&](const Stretch& s, float x0, float x1) {
      if (s.category == Category::idle || s.category == Category::wait)
        hatch({x0, box.y0, x1, box.y1}, colours_.hatch);
    });
  }

  void hatch(const Box& box, Colour colour) {
    const float distance = m_.px(7), height = box.height();
    const float first = std::floor((box.x0 - height) / distance) * distance;
    for (float x = first; x < box.x1; x += distance) {
      const float from = std::max(x, box.x0), to = std::min(x + height, box.x1);
      if (to - from < 1) continue;
      canvas_.line({from, box.y1 - (from - x)}, {to, box.y1 - (to - x)}, colour, m_.scale);
    }
  }

  // Of communication spans the part that no compute of the rank covers.
  void outline_exposed(const PlacedRow& placed) {
    const Row& states = placed.group->state.row;
    const Box box = frame_.box_of(placed);
    for_wide(*placed.drawn, kLeastOutlined, [&](const Stretch& s, float, float) {
      if (s.category != Category::collective && s.category != Category::exchange) return;
      for (std::size_t i = states.first_ending_after(static_cast<double>(s.begin_ns));
           i < states.size() && states.begin_ns(i) < s.end_ns; ++i) {
        if (states[i].category != Category::exposed) continue;
        const float x0 = frame_.x_of(std::max(states.begin_ns(i), s.begin_ns));
        const float x1 = frame_.x_of(std::min(states.end_ns(i), s.end_ns));
        if (x1 - x0 >= kLeastOutlined)
          canvas_.outline({x0, box.y0, x1, box.y1}, colours_.exposed, m_.px(2));
      }
    });
  }

  // Calls f(stretch, x0, x1) for the stretches in view of at least `least_px`: at most as many as
  // fit.
  template <class F>
  void for_wide(const DrawnRow& drawn, float least_px, const F& f) {
    const double least_ns = static_cast<double>(least_px) / frame_.scale.px_per_ns();
    const ViewRange& view = frame_.view.range;
    drawn.pyramid.each_long(drawn.row, least_ns, view.begin_ns, view.end_ns, [&](std::size_t i) {
      if (static_cast<double>(drawn.row.length_ns(i)) < least_ns) return;
      const Stretch s = drawn.row[i];
      f(s, frame_.x_of(s.begin_ns), frame_.x_of(s.end_ns));
    });
  }

  const Frame& frame_;
  Canvas& canvas_;
  const Palette& colours_;
  const Metrics& m_;
  std::vector<Bar> bars_;         // of the row at hand
  std::vector<FilledBox> fills_;  // the same
  RowsPainted painted_;
};

}  // namespace

RowsPainted paint_rows(const Frame& frame) { return RowsPainter(frame).paint(); }

}  // namespace shardpipe::viz
