#pragma once

#include <memory>

#include "viz/app/options.h"
#include "viz/interaction/screen.h"

namespace shardpipe::viz {

// Reads the trace and writes options.picture. usage_error for a file that is no trace, a rank or
// moment that is not in it, a picture that cannot be written.
void make_picture(const Options& options);

// The same for a window.
std::unique_ptr<Screen> open_screen(const Options& options);

}  // namespace shardpipe::viz
