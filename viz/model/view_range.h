// The stretch of time that a picture shows, in ns. double: exact up to 2^53 ns = 104 days, and
// finer than a pixel at every zoom allowed here.
#pragma once

#include <cstdint>

namespace shardpipe::viz {

struct ViewRange {
  double begin_ns = 0, end_ns = 1;

  double length_ns() const { return end_ns - begin_ns; }
};

constexpr double kShortestView_ns = 16;

// The length becomes `factor` times as long; the moment `anchor_ns` stays where it is on the
// screen.
ViewRange zoomed(const ViewRange& range, double factor, double anchor_ns);

// Moved by `share` of its length.
ViewRange panned(const ViewRange& range, double share);

// Not shorter than kShortestView_ns, not longer than twice the whole, and never off it entirely.
ViewRange kept_near(const ViewRange& range, double whole_ns);

// Pixels and moments: x = x0 + (ns - range.begin_ns) * px_per_ns.
struct Scale {
  ViewRange range = {};
  double x0 = 0, width = 1;

  double px_per_ns() const { return width / range.length_ns(); }
  double x_of(double ns) const { return x0 + (ns - range.begin_ns) * px_per_ns(); }
  double ns_at(double x) const { return range.begin_ns + (x - x0) / px_per_ns(); }
  // x_of, held to the picture in double: a stretch that begins 1e12 px to the left keeps its edge.
  float clamped_x(double ns) const;
};

}  // namespace shardpipe::viz
