#include "core/schedule/patterns.h"

#include <algorithm>

#include "core/base/error.h"

namespace shardpipe {

PatternWriter::PatternWriter(ChunkOrigin chunk0, ChunkOrigin chunk1)
    : stages_{chunk0.stage, chunk1.stage},
      next_forward_{chunk0.first_microbatch, chunk1.first_microbatch},
      next_backward_{chunk0.first_microbatch, chunk1.first_microbatch} {}

void PatternWriter::repeat(int times, std::initializer_list<Part> pattern) {
  for (int i = 0; i < times; ++i)
    for (const Part part : pattern) add(part);
}

void PatternWriter::add(Part part) {
  if (part.kind == ActionKind::W) {
    add_weight(part.chunk == kEither ? kEither : stages_[part.chunk]);
    return;
  }
  const int stage = stages_[part.chunk];
  int& next = (part.kind == ActionKind::F ? next_forward_ : next_backward_)[part.chunk];
  order_.push_back({stage, part.kind, next, part.with_next});
  if (part.kind == ActionKind::I) without_weight_.push_back({stage, ActionKind::W, next});
  ++next;
}

void PatternWriter::add_weight(int stage) {
  const auto oldest =
      std::find_if(without_weight_.begin(), without_weight_.end(),
                   [&](const Action& w) { return stage == kEither || w.stage == stage; });
  if (oldest == without_weight_.end())
    fail(ExitCode::fault, "a pattern has a W for which there is no I");
  order_.push_back(*oldest);
  without_weight_.erase(oldest);
}

}  // namespace shardpipe
