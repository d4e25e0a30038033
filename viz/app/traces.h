// Files of the command line as traces.
#pragma once

#include <string>
#include <vector>

#include "core/trace/trace.h"
#include "viz/app/options.h"

namespace shardpipe::viz {

// Warnings go to stderr.
Trace load_trace(const std::vector<std::string>& files, const Options& options);

// --save: the trace of options.files as options.saved.
void save_trace(const Options& options);

}  // namespace shardpipe::viz
