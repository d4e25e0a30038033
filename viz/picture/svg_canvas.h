#pragma once

#include <string>

#include "viz/draw/canvas.h"

namespace shardpipe::viz {

// Paints a picture as SVG text. Letters are those of the reader's machine, so their widths are
// taken from a table of DejaVu Sans and labels keep a little room.
class SvgCanvas : public Canvas {
 public:
  // clip_name: begins the ids of its clips; where several SVGs share a page each has its own.
  SvgCanvas(int width, int height, std::string clip_name = "c");

  void fill(const Box& box, Colour colour) override;
  void line(Point from, Point to, Colour colour, float width) override;
  void curve(Point from, Point near_from, Point near_to, Point to, Colour colour,
             float width) override;
  void triangle(Point a, Point b, Point c, Colour colour) override;
  void text(Point at, Colour colour, std::string_view words, Face face) override;
  float text_width(std::string_view words, Face face) const override;
  float text_height(Face face) const override;
  void clip(const Box& box) override;
  void unclip() override;

  // The whole document. The canvas is empty afterwards.
  std::string finish();

 private:
  int width_, height_, clips_ = 0;
  std::string clip_name_;
  std::string body_;
};

}  // namespace shardpipe::viz
