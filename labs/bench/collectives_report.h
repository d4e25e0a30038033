// A CollectiveSweep for people and for programs (keys: docs/cli.md).
#pragma once

#include <string>

#include "core/base/json.h"
#include "labs/bench/collectives.h"

namespace shardpipe {

// Tables of time, algbw and busbw, the fits and a plot; at most 100 columns.
std::string to_text(const CollectiveSweep& sweep);
Json to_json(const CollectiveSweep& sweep);

// Time over that of the fastest algorithm of the size (log scale, up to 8 times); a letter an
// algorithm, * where several meet.
std::string terminal_plot(const CollectiveSweep& sweep);

// Bus bandwidth over size, both logarithmic.
std::string svg_plot(const CollectiveSweep& sweep);

}  // namespace shardpipe
