#pragma once

#include <string>
#include <utility>
#include <vector>

#include "viz/draw/canvas.h"
#include "viz/draw/layout.h"
#include "viz/draw/palette.h"

namespace shardpipe::viz {

// All keys and what they do, in the order they are shown.
const std::vector<std::pair<std::string, std::string>>& all_keys();

void paint_help(Canvas& canvas, const Box& page, const Metrics& metrics, const Palette& colours);
// In the corner: how to find the keys.
void paint_hint(Canvas& canvas, const Box& page, const Metrics& metrics, const Palette& colours);
void paint_search(Canvas& canvas, const Box& page, const Metrics& metrics, const Palette& colours,
                  const std::string& typed);

}  // namespace shardpipe::viz
