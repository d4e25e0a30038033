#include "viz/picture/svg_canvas.h"

#include <cstdio>
#include <utility>

#include "core/base/error.h"
#include "core/base/markup.h"

namespace shardpipe::viz {
namespace {

constexpr float kSizes[] = {12, 14, 19};  // of a line, as in fonts.cc

// ImGui's sizes are those of a line, ascent and descent; CSS' are those of the em.
constexpr float kAscent = 0.928F, kDescent = 0.236F;  // of an em, DejaVu Sans

float size_of(Face face) { return kSizes[static_cast<int>(face)]; }
float em_of(Face face) { return size_of(face) / (kAscent + kDescent); }

// Share of the font size that a letter of DejaVu Sans advances, rounded up to classes of letters.
float advance_of(char c) {
  if (c == 'm' || c == 'M' || c == 'W' || c == '%' || c == 'w') return 0.98F;
  if (c >= 'A' && c <= 'Z') return 0.74F;
  if (c == 'i' || c == 'l' || c == 'j' || c == '.' || c == ',' || c == ' ' || c == ':')
    return 0.34F;
  if (c == 'f' || c == 't' || c == 'r' || c == '(' || c == ')' || c == '[' || c == ']')
    return 0.42F;
  return 0.64F;
}

std::string paint(const char* property, Colour colour) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, " %s=\"#%02x%02x%02x\"", property, colour.r, colour.g,
                colour.b);
  if (colour.a == 255) return buffer;
  return shardpipe::text(buffer, " ", property, "-opacity=\"",
                         pixels(static_cast<float>(colour.a) / 255), "\"");
}

std::string pair(Point p) { return pixels(p.x) + " " + pixels(p.y); }

std::string rectangle(const Box& box) {
  return shardpipe::text("<rect x=\"", pixels(box.x0), "\" y=\"", pixels(box.y0), "\" width=\"",
                         pixels(box.width()), "\" height=\"", pixels(box.height()), "\"");
}

}  // namespace

SvgCanvas::SvgCanvas(int width, int height, std::string clip_name)
    : width_(width), height_(height), clip_name_(std::move(clip_name)) {}

void SvgCanvas::fill(const Box& box, Colour colour) {
  if (colour.a > 0 && box.width() > 0 && box.height() > 0)
    body_ += rectangle(box) + paint("fill", colour) + "/>\n";
}

void SvgCanvas::line(Point from, Point to, Colour colour, float width) {
  body_ += shardpipe::text("<path d=\"M", pair(from), "L", pair(to), "\"", paint("stroke", colour),
                           " stroke-width=\"", pixels(width), "\"/>\n");
}

void SvgCanvas::curve(Point from, Point near_from, Point near_to, Point to, Colour colour,
                      float width) {
  body_ += shardpipe::text("<path d=\"M", pair(from), "C", pair(near_from), " ", pair(near_to), " ",
                           pair(to), "\" fill=\"none\"", paint("stroke", colour),
                           " stroke-width=\"", pixels(width), "\"/>\n");
}

void SvgCanvas::triangle(Point a, Point b, Point c, Colour colour) {
  body_ += shardpipe::text("<path d=\"M", pair(a), "L", pair(b), "L", pair(c), "Z\"",
                           paint("fill", colour), "/>\n");
}

void SvgCanvas::text(Point at, Colour colour, std::string_view words, Face face) {
  const float em = em_of(face);
  body_ += shardpipe::text("<text x=\"", pixels(at.x), "\" y=\"", pixels(at.y + em * kAscent),
                           "\" font-size=\"", pixels(em), "\"", paint("fill", colour), ">",
                           escaped(words), "</text>\n");
}

float SvgCanvas::text_width(std::string_view words, Face face) const {
  float width = 0;
  for (const char c : words)
    if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80) width += advance_of(c);
  return width * em_of(face);
}

float SvgCanvas::text_height(Face face) const { return size_of(face); }

void SvgCanvas::clip(const Box& box) {
  ++clips_;
  const std::string id = clip_name_ + std::to_string(clips_);
  body_ += shardpipe::text("<clipPath id=\"", id, "\">", rectangle(box),
                           "/></clipPath>\n<g clip-path=\"url(#", id, ")\">\n");
}

void SvgCanvas::unclip() { body_ += "</g>\n"; }

std::string SvgCanvas::finish() {
  std::string document = shardpipe::text(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width_, "\" height=\"", height_,
      "\" viewBox=\"0 0 ", width_, " ", height_,
      "\" font-family=\"DejaVu Sans, Verdana, sans-serif\" shape-rendering=\"crispEdges\">\n",
      body_, "</svg>\n");
  body_.clear();
  return document;
}

}  // namespace shardpipe::viz
