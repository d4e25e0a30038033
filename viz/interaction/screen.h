#pragma once

#include "viz/draw/layout.h"
#include "viz/interaction/input.h"

namespace shardpipe::viz {

// What a window shows, frame by frame.
class Screen {
 public:
  virtual ~Screen() = default;

  // Paints all of `box`, then does what the input asks for; the next frame shows it.
  virtual void frame(Canvas& canvas, const Box& box, const Metrics& metrics,
                     const Input& input) = 0;
  // Of a picture in which everything fits.
  virtual int height(float width, const Metrics& metrics) const = 0;
  // Letters are words now, not commands.
  virtual bool is_typing() const { return false; }
};

}  // namespace shardpipe::viz
