#include "viz/draw/canvas.h"

namespace shardpipe::viz {

void Canvas::fill_all(const std::vector<FilledBox>& boxes) {
  for (const FilledBox& box : boxes) fill(box.box, box.colour);
}

void Canvas::outline(const Box& box, Colour colour, float width) {
  fill({box.x0, box.y0, box.x1, box.y0 + width}, colour);
  fill({box.x0, box.y1 - width, box.x1, box.y1}, colour);
  fill({box.x0, box.y0 + width, box.x0 + width, box.y1 - width}, colour);
  fill({box.x1 - width, box.y0 + width, box.x1, box.y1 - width}, colour);
}

}  // namespace shardpipe::viz
