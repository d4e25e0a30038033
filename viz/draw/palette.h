// The colours of a picture, dark or light. Categories take theirs from Okabe and Ito's set, which
// people with any common colour blindness tell apart ("Color Universal Design", 2008); what matters
// most is said by form as well: idle time is hatched, exposed communication has an outline.
#pragma once

#include "viz/draw/canvas.h"
#include "viz/model/category.h"

namespace shardpipe::viz {

struct Palette {
  Colour background, lane, band;      // band: behind every second rank
  Colour text, dim_text, grid, step;  // step: where a training step begins
  Colour hatch, exposed, critical, selected, flow;
  Colour shorter, longer, only_here;  // against another trace

  Colour of(Category category) const;
  bool is_dark = true;
};

const Palette& palette(bool is_dark);

// Black or white, whichever reads better on `colour`.
Colour ink_on(Colour colour);

}  // namespace shardpipe::viz
