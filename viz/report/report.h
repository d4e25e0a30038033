// A report: traces, and pairs of them, as one HTML page that needs nothing else. Timelines are
// inline SVG, light and dark; there is no script and no address of anything outside.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "viz/model/timeline_model.h"

namespace shardpipe::viz {

struct Report {
  std::string title = "Traces";
  std::vector<std::unique_ptr<NamedModel>> traces = {};
  std::string hardware = {};  // profile that measured traces are laid beside; "": none
  std::string ranks = {};     // which are shown (core/trace/rank_rows.h)
  std::vector<std::pair<std::size_t, std::size_t>> pairs = {};  // places in `traces`
};

// Of each trace: how its time is spent, the timeline of its last step, the longest gaps and why,
// what if; of measured ones what a profile predicts. Of each pair: both on one axis, and what
// differs.
std::string to_html(const Report& report);

}  // namespace shardpipe::viz
