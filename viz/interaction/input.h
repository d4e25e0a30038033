// Input: what a person does in one frame, without a word about windows. app/window.cc fills it from
// GLFW, tests by hand.
#pragma once

#include <string>

#include "viz/draw/canvas.h"

namespace shardpipe::viz {

struct Input {
  Point mouse = {-1, -1};
  float wheel = 0;  // notches, away from the person is positive
  bool ctrl = false, shift = false, space = false;
  bool left = false, right = false;  // held
  bool middle = false;               // held
  float zoom = 0, pan = 0;           // keys held: W 1, S -1; D 1, A -1
  std::string typed = {};            // letters that came in
  bool escape = false, enter = false, erase = false, tab = false;  // pressed in this frame
  float seconds = 0;                                               // since the last frame
};

}  // namespace shardpipe::viz
