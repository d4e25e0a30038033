#pragma once

#include "viz/app/options.h"
#include "viz/interaction/viewer.h"

namespace shardpipe::viz {

// Reads the trace and writes options.picture. usage_error for a file that is no trace, a rank or
// moment that is not in it, a picture that cannot be written.
void make_picture(const Options& options);

// The same traces, and the view that the options ask for, to be shown in a window.
Viewer open_viewer(const Options& options);

}  // namespace shardpipe::viz
