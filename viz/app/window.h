#pragma once

#include "viz/app/options.h"
#include "viz/interaction/screen.h"

namespace shardpipe::viz {

// Shows the screen until its window is closed, or for options.frames frames; then, with a name for
// a picture, writes what OpenGL painted. Error(absent) where there is no display or no OpenGL 3.3.
// Two files implement it and CMake picks one: window_glfw.cc, or window_absent.cc.
void show_window(Screen& screen, const Options& options);

}  // namespace shardpipe::viz
