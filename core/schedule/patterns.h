// A rank's order written as "so many times this": the form in which schedules with two chunks a
// rank are published. Micro-batches of a chunk are taken one after another, so a pattern need not
// name them.
#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

#include "core/schedule/schedule.h"

namespace shardpipe {

// One action of a pattern, in chunk 0 or 1. A W takes the oldest I of its chunk that has none yet,
// or of any chunk: kEither.
constexpr int kEither = -1;
struct Part {
  ActionKind kind = ActionKind::F;
  int chunk = 0;
  bool with_next = false;
};

// Where a chunk lives, and the first micro-batch that passes it.
struct ChunkOrigin {
  int stage = 0;
  int first_microbatch = 0;
};

class PatternWriter {
 public:
  PatternWriter(ChunkOrigin chunk0, ChunkOrigin chunk1);

  void repeat(int times, std::initializer_list<Part> pattern);

  std::vector<Action> take() { return std::move(order_); }

 private:
  void add(Part part);
  void add_weight(int stage);

  int stages_[2];
  int next_forward_[2], next_backward_[2];  // micro-batches, by chunk
  std::vector<Action> without_weight_;      // the W that I has left to do, oldest first
  std::vector<Action> order_;
};

}  // namespace shardpipe
