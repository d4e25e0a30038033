#pragma once

#include <functional>

#include "viz/draw/canvas.h"
#include "viz/picture/image.h"

namespace shardpipe::viz {

struct PictureSize {
  int width = 1600, height = 900;  // pixels of the image
  float scale = 1;                 // of letters and lines
  bool system_font = true;         // false: the built-in one, the same on every machine
};

// What `paint` paints on a canvas of that size. Needs no display.
Image screenshot(const PictureSize& size, Colour background,
                 const std::function<void(Canvas&)>& paint);

}  // namespace shardpipe::viz
