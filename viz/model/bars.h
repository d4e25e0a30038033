// What to paint for a row: whole stretches where they are at least a pixel wide, and stacked bars
// where they are not. A bar is as high as the time is busy, so the ink is true by area at every
// zoom: a row that is busy 7 % of the time has 7 % ink, not a solid line of stretches widened to a
// pixel.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/model/pyramid.h"
#include "viz/model/view_range.h"

namespace shardpipe::viz {

struct Bar {
  float x0 = 0, x1 = 0;
  float y0 = 0, y1 = 0;       // above the bottom of the row, in pixels
  std::uint8_t ink = 0;       // of the row
  float cover = 1;            // opacity: the part of a pixel that the height ends in
  std::int32_t stretch = -1;  // of the row, if the bar is one; -1: many together
};

// The bars of the part of `row` that `scale` shows, in a row `height` pixels high. For a view w
// pixels wide at most (inks + 2) * (w + 2) bars and a few steps a pixel, however many stretches
// there are.
void bars_of(const Row& row, const Pyramid& pyramid, const Scale& scale, int height,
             std::vector<Bar>& bars);

}  // namespace shardpipe::viz
