#pragma once

#include "viz/draw/frame.h"

namespace shardpipe::viz {

// Over the rows: the critical path, the selection with arrows to the spans it met on other ranks,
// the range that was measured.
void paint_marks(const Frame& frame);

}  // namespace shardpipe::viz
