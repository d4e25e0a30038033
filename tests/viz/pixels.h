// How far two pictures are from each other.
#pragma once

#include <cstdlib>

#include "viz/picture/image.h"

namespace shardpipe::viz {

// Pixels of which a channel differs by more than `levels` of 256; all if the sizes differ.
inline std::size_t pixels_that_differ(const Image& a, const Image& b, int levels) {
  if (a.width != b.width || a.height != b.height) return a.rgb.size() / 3;
  std::size_t differ = 0;
  for (std::size_t i = 0; i < a.rgb.size(); i += 3)
    for (std::size_t c = 0; c < 3; ++c)
      if (std::abs(a.rgb[i + c] - b.rgb[i + c]) > levels) {
        ++differ;
        break;
      }
  return differ;
}

}  // namespace shardpipe::viz
