#include "viz/picture/imgui_canvas.h"

#include <cfloat>
#include <cmath>

namespace shardpipe::viz {
namespace {

ImU32 packed(Colour c) { return IM_COL32(c.r, c.g, c.b, c.a); }
ImVec2 vec(Point p) { return {p.x, p.y}; }

}  // namespace

// Four vertices and no soft edge: AddRectFilled costs three times as much and there are thousands.
void ImGuiCanvas::fill(const Box& box, Colour colour) {
  if (colour.a == 0 || box.x1 <= box.x0 || box.y1 <= box.y0) return;
  list_.PrimReserve(6, 4);
  list_.PrimRect({box.x0, box.y0}, {box.x1, box.y1}, packed(colour));
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
