#pragma once

#include "viz/draw/frame.h"

namespace shardpipe::viz {

// Right of the plot, a bar a rank over the whole trace: compute, exposed communication, waits;
// and what share of the time the rank computes.
void paint_figures(const Frame& frame);

}  // namespace shardpipe::viz
