#include "viz/model/view_range.h"

#include <algorithm>

namespace shardpipe::viz {

ViewRange zoomed(const ViewRange& range, double factor, double anchor_ns) {
  return {anchor_ns + (range.begin_ns - anchor_ns) * factor,
          anchor_ns + (range.end_ns - anchor_ns) * factor};
}

ViewRange panned(const ViewRange& range, double share) {
  const double by_ns = range.length_ns() * share;
  return {range.begin_ns + by_ns, range.end_ns + by_ns};
}

ViewRange kept_near(const ViewRange& range, double whole_ns) {
  whole_ns = std::max(whole_ns, kShortestView_ns);
  const double middle_ns = (range.begin_ns + range.end_ns) / 2;
  const double length_ns = std::clamp(range.length_ns(), kShortestView_ns, 2 * whole_ns);
  const double least_ns = -0.45 * length_ns, most_ns = whole_ns + 0.45 * length_ns;
  const double kept_ns = std::clamp(middle_ns, least_ns, most_ns);
  return {kept_ns - length_ns / 2, kept_ns + length_ns / 2};
}

float Scale::clamped_x(double ns) const {
  return static_cast<float>(std::clamp(x_of(ns), x0, x0 + width));
}

}  // namespace shardpipe::viz
