#pragma once

#include "viz/draw/frame.h"

namespace shardpipe::viz {

// The distance of two labels: 1, 2 or 5 times a power of ten ns, at least `least_px` wide.
double tick_ns(const Scale& scale, double least_px);

// A multiple of `step_ns`: "12.5 ms", in the largest unit that `longest_ns` fills and in which the
// step has at most two decimals. The same unit along a ruler.
std::string tick_text(double ns, double step_ns, double longest_ns);

// Times along the top, grid lines and the begins of steps through the plot.
void paint_ruler(const Frame& frame);

}  // namespace shardpipe::viz
