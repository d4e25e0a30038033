#pragma once

#include "viz/picture/fonts.h"

namespace shardpipe::viz {

// Paints into a draw list of Dear ImGui: into a window, or, through SoftwareRaster, into an Image.
class ImGuiCanvas : public Canvas {
 public:
  // Both must outlive the canvas.
  ImGuiCanvas(ImDrawList& list, const Fonts& fonts) : list_(list), fonts_(fonts) {}

  void fill(const Box& box, Colour colour) override;
  void fill_all(const std::vector<FilledBox>& boxes) override;
  void line(Point from, Point to, Colour colour, float width) override;
  void curve(Point from, Point near_from, Point near_to, Point to, Colour colour,
             float width) override;
  void triangle(Point a, Point b, Point c, Colour colour) override;
  void text(Point at, Colour colour, std::string_view words, Face face) override;
  float text_width(std::string_view words, Face face) const override;
  float text_height(Face face) const override;
  void clip(const Box& box) override;
  void unclip() override;

 private:
  ImDrawList& list_;
  const Fonts& fonts_;
};

}  // namespace shardpipe::viz
