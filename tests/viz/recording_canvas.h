// A canvas that remembers what was painted. Letters are as wide as in the built-in font of ImGui.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "viz/draw/canvas.h"

namespace shardpipe::viz {

class RecordingCanvas : public Canvas {
 public:
  struct Words {
    Box box;
    std::string words;
  };

  void fill(const Box& box, Colour colour) override {
    ++fills;
    const Box seen = {std::max(box.x0, clip_.x0), std::max(box.y0, clip_.y0),
                      std::min(box.x1, clip_.x1), std::min(box.y1, clip_.y1)};
    if (seen.x1 > seen.x0 && seen.y1 > seen.y0) boxes.push_back({seen, colour});
  }
  void line(Point, Point, Colour, float) override { ++lines; }
  void curve(Point, Point, Point, Point, Colour, float) override { ++curves; }
  void triangle(Point, Point, Point, Colour) override { ++triangles; }
  void text(Point at, Colour, std::string_view words, Face face) override {
    texts.push_back({{at.x, at.y, at.x + text_width(words, face), at.y + text_height(face)},
                     std::string(words)});
  }
  float text_width(std::string_view words, Face face) const override {
    return static_cast<float>(words.size()) * (face == Face::small ? 6.0F : 7.0F);
  }
  float text_height(Face) const override { return 13; }
  void clip(const Box& box) override {
    is_balanced = is_balanced && !is_clipped_;
    is_clipped_ = true;
    clip_ = box;
  }
  void unclip() override {
    is_balanced = is_balanced && is_clipped_;
    is_clipped_ = false;
    clip_ = kEverything;
  }

  bool says(const std::string& part) const {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const Words& w) { return w.words.find(part) != std::string::npos; });
  }

  std::size_t fills = 0, lines = 0, curves = 0, triangles = 0;
  std::vector<std::pair<Box, Colour>> boxes;  // what is left of them inside the clip
  std::vector<Words> texts;
  bool is_balanced = true;  // clips do not nest and all end

 private:
  static constexpr Box kEverything = {-1e9F, -1e9F, 1e9F, 1e9F};
  Box clip_ = kEverything;
  bool is_clipped_ = false;
};

}  // namespace shardpipe::viz
