// Canvas: what a picture is painted on. Three implement it: Dear ImGui's draw lists (window and
// PNG), SVG, and the canvas of the tests that only counts. Units are pixels, y downwards.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace shardpipe::viz {

struct Colour {
  std::uint8_t r = 0, g = 0, b = 0, a = 255;

  // As opaque as `share` of what it was.
  Colour faded(float share) const {
    return {r, g, b, static_cast<std::uint8_t>(static_cast<float>(a) * share + 0.5F)};
  }
  Colour darker() const {
    const auto part = [](std::uint8_t c) { return static_cast<std::uint8_t>(c * 3 / 5); };
    return {part(r), part(g), part(b), a};
  }
};

struct Point {
  float x = 0, y = 0;
};

struct Box {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  float width() const { return x1 - x0; }
  float height() const { return y1 - y0; }
  bool contains(Point p) const { return p.x >= x0 && p.x < x1 && p.y >= y0 && p.y < y1; }
};

struct FilledBox {
  Box box;
  Colour colour;
};

enum class Face : std::uint8_t { small, normal, title };

class Canvas {
 public:
  virtual ~Canvas() = default;

  virtual void fill(const Box& box, Colour colour) = 0;
  // The same for many, in their order. A canvas with a cheaper way than one by one takes that.
  virtual void fill_all(const std::vector<FilledBox>& boxes);
  virtual void line(Point from, Point to, Colour colour, float width) = 0;
  virtual void curve(Point from, Point near_from, Point near_to, Point to, Colour colour,
                     float width) = 0;
  virtual void triangle(Point a, Point b, Point c, Colour colour) = 0;
  // `at`: top left of the first letter's line. UTF-8.
  virtual void text(Point at, Colour colour, std::string_view words, Face face) = 0;
  virtual float text_width(std::string_view words, Face face) const = 0;
  virtual float text_height(Face face) const = 0;
  // Nothing is painted outside of it until the matching unclip(). Clips do not nest.
  virtual void clip(const Box& box) = 0;
  virtual void unclip() = 0;

  // The four sides of `box`, inside it.
  void outline(const Box& box, Colour colour, float width);
};

}  // namespace shardpipe::viz
