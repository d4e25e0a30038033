#include "viz/picture/imgui_canvas.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace shardpipe::viz {
namespace {

ImU32 packed(Colour c) { return IM_COL32(c.r, c.g, c.b, c.a); }
ImVec2 vec(Point p) { return {p.x, p.y}; }
bool is_seen(const Box& box, Colour colour) {
  return colour.a != 0 && box.x1 > box.x0 && box.y1 > box.y0;
}

}  // namespace

// Four vertices and no soft edge: AddRectFilled costs three times as much and there are thousands.
void ImGuiCanvas::fill(const Box& box, Colour colour) {
  if (!is_seen(box, colour)) return;
  list_.PrimReserve(6, 4);
  list_.PrimRect({box.x0, box.y0}, {box.x1, box.y1}, packed(colour));
}

// Asks for the room of many at once: a frame takes a twelfth less. A draw command may hold 2^16
// vertices, so no more than kMost boxes of four together.
void ImGuiCanvas::fill_all(const std::vector<FilledBox>& boxes) {
  constexpr std::size_t kMost = 8192;
  for (std::size_t first = 0; first < boxes.size(); first += kMost) {
    const std::size_t end = std::min(boxes.size(), first + kMost);
    int left = static_cast<int>(end - first);
    list_.PrimReserve(6 * left, 4 * left);
    for (std::size_t i = first; i < end; ++i) {
      const Box& box = boxes[i].box;
      if (!is_seen(box, boxes[i].colour)) continue;
      list_.PrimRect({box.x0, box.y0}, {box.x1, box.y1}, packed(boxes[i].colour));
      --left;
    }
    list_.PrimUnreserve(6 * left, 4 * left);
  }
}

void ImGuiCanvas::line(Point from, Point to, Colour colour, float width) {
  list_.AddLine(vec(from), vec(to), packed(colour), width);
}

void ImGuiCanvas::curve(Point from, Point near_from, Point near_to, Point to, Colour colour,
                        float width) {
  list_.AddBezierCubic(vec(from), vec(near_from), vec(near_to), vec(to), packed(colour), width, 24);
}

void ImGuiCanvas::triangle(Point a, Point b, Point c, Colour colour) {
  list_.AddTriangleFilled(vec(a), vec(b), vec(c), packed(colour));
}

void ImGuiCanvas::text(Point at, Colour colour, std::string_view words, Face face) {
  ImFont* font = fonts_.of(face);
  list_.AddText(font, fonts_.size(face), {std::round(at.x), std::round(at.y)}, packed(colour),
                words.data(), words.data() + words.size());
}

float ImGuiCanvas::text_width(std::string_view words, Face face) const {
  ImFont* font = fonts_.of(face);
  return font
      ->CalcTextSizeA(fonts_.size(face), FLT_MAX, 0, words.data(), words.data() + words.size())
      .x;
}

float ImGuiCanvas::text_height(Face face) const { return fonts_.size(face); }

void ImGuiCanvas::clip(const Box& box) { list_.PushClipRect({box.x0, box.y0}, {box.x1, box.y1}); }

void ImGuiCanvas::unclip() { list_.PopClipRect(); }

}  // namespace shardpipe::viz
