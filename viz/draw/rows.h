#pragma once

#include "viz/draw/frame.h"

namespace shardpipe::viz {

struct RowsPainted {
  std::size_t bars = 0, labels = 0;
};

// All ranks: band, names in the gutter, spans with labels, hatched idle time, outlined exposed
// communication.
RowsPainted paint_rows(const Frame& frame);

}  // namespace shardpipe::viz
