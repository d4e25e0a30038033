#include "viz/draw/figures.h"

#include <algorithm>
#include <cstdio>

namespace shardpipe::viz {
namespace {

std::string share_text(std::int64_t part, std::int64_t whole) {
  char buffer[16];
  const double share = whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
  std::snprintf(buffer, sizeof buffer, "%.0f %%", 100 * share);
  return buffer;
}

std::int64_t waits_ns(const RankTime& time) {
  std::int64_t ns = 0;
  for (const IdleCause& cause : time.idle_causes)
    if (cause.cause.rfind("waits", 0) == 0) ns += cause.ns;
  return ns;
}

class Figures {
 public:
  explicit Figures(const Frame& frame)
      : frame_(frame),
        canvas_(frame.canvas),
        m_(frame.metrics),
        left_(frame.plot.x1 + m_.px(12)),
        right_(frame.box.x1 - m_.px(46)) {}

  // The bars are those of the whole trace, whatever part is in view; here that of all ranks.
  void heading() {
    const TraceStats& stats = frame_.model.stats();
    const std::int64_t whole_ns = stats.wall_ns * frame_.model.trace().ranks();
    const float y = frame_.box.y0 + m_.px(3);
    const float bottom = frame_.box.y0 + m_.ruler() - m_.px(4);
    canvas_.text({left_, y}, frame_.colours.dim_text, "all ranks", Face::small);
    canvas_.text({right_ + m_.px(6), y}, frame_.colours.text,
                 share_text(stats.total.compute_ns, whole_ns), Face::small);
    bar({left_, bottom - m_.px(4), right_, bottom}, stats.total, whole_ns);
  }

  void rank(const PlacedRank& placed) {
    const auto& ranks = frame_.model.stats().ranks;
    const RankTime& time = ranks[static_cast<std::size_t>(placed.group->rank)];
    const float top = frame_.plot.y0 + placed.y - frame_.view.scroll;
    const std::int64_t wall_ns = frame_.model.stats().wall_ns;
    const float small = canvas_.text_height(Face::small);
    const float height = placed.is_collapsed ? placed.height : m_.px(10);
    const float middle = placed.is_collapsed ? top + placed.height / 2
                                             : top + m_.strip() + m_.row_gap() + m_.lane() / 2;
    const float bottom = middle + height / 2;
    bar({left_, middle - height / 2, right_, bottom}, time, wall_ns);
    if (!placed.is_collapsed || placed.height >= small)
      canvas_.text({right_ + m_.px(6), middle - small / 2}, frame_.colours.text,
                   share_text(time.compute_ns, wall_ns), Face::small);
    if (!placed.is_collapsed && placed.height > m_.px(44))
      canvas_.text({left_, bottom + m_.px(4)}, frame_.colours.dim_text,
                   "exposed " + share_text(time.exposed_comm_ns, wall_ns) + ", idle " +
                       share_text(time.idle_ns, wall_ns),
                   Face::small);
  }

 private:
  // Compute, exposed communication, waiting for a rank; what is left is idle for other reasons.
  void bar(const Box& box, const RankTime& time, std::int64_t whole_ns) {
    canvas_.fill(box, frame_.colours.lane);
    float x = box.x0;
    const auto part = [&](std::int64_t ns, Colour colour) {
      const double share =
          whole_ns > 0 ? static_cast<double>(ns) / static_cast<double>(whole_ns) : 0;
      const float to = std::min(box.x1, x + static_cast<float>(share) * box.width());
      canvas_.fill({x, box.y0, to, box.y1}, colour);
      x = to;
    };
    part(time.compute_ns, frame_.colours.of(Category::forward));
    part(time.exposed_comm_ns, frame_.colours.exposed);
    part(waits_ns(time), frame_.colours.of(Category::wait));
  }

  const Frame& frame_;
  Canvas& canvas_;
  const Metrics& m_;
  float left_, right_;
};

}  // namespace

void paint_figures(const Frame& frame) {
  Figures figures(frame);
  frame.canvas.clip(frame.box);
  figures.heading();
  frame.canvas.unclip();
  frame.canvas.clip({frame.plot.x1, frame.plot.y0, frame.box.x1, frame.plot.y1});
  for (const PlacedRank& rank : frame.layout.ranks)
    if (frame.is_visible(frame.plot.y0 + rank.y - frame.view.scroll, rank.height))
      figures.rank(rank);
  frame.canvas.unclip();
}

}  // namespace shardpipe::viz
