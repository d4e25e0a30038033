#include "core/trace/producers.h"

namespace shardpipe {
namespace {

bool is_forward(const Span& s) { return s.tags.phase == Phase::forward; }
bool is_backward(const Span& s) {
  return s.tags.phase == Phase::backward || s.tags.phase == Phase::backward_input;
}
bool is_cell(const Span& s) {
  return !is_communication(s.kind) && s.tags.stage >= 0 && s.tags.microbatch >= 0 &&
         (is_forward(s) || is_backward(s));
}

}  // namespace

Producers::Producers(const Trace& trace) {
  for (std::size_t i = 0; i < trace.spans.size(); ++i) {
    const Span& s = trace.spans[i];
    if (!is_cell(s)) continue;
    const auto [at, is_new] =
        last_.emplace(Key{s.tags.step, s.tags.stage, s.tags.microbatch, is_forward(s)},
                      static_cast<std::int32_t>(i));
    if (!is_new && trace.spans[static_cast<std::size_t>(at->second)].end_ns < s.end_ns)
      at->second = static_cast<std::int32_t>(i);
  }
}

std::int32_t Producers::producer_of(const Span& s) const {
  if (!is_cell(s)) return -1;
  const std::int32_t stage = s.tags.stage + (is_forward(s) ? -1 : 1);
  const auto found = last_.find({s.tags.step, stage, s.tags.microbatch, is_forward(s)});
  return found == last_.end() ? -1 : found->second;
}

}  // namespace shardpipe
