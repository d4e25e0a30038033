#include "viz/model/category.h"

namespace shardpipe::viz {

const char* name_of(Category category) {
  switch (category) {
    case Category::forward: return "forward";
    case Category::backward: return "backward";
    case Category::backward_input: return "input gradient";
    case Category::backward_weight: return "weight gradient";
    case Category::other: return "other compute";
    case Category::collective: return "collective";
    case Category::exchange: return "send and receive";
    case Category::copy: return "copy";
    case Category::host: return "host";
    case Category::wait: return "waits for a rank";
    case Category::exposed: return "exposed communication";
    case Category::idle: return "idle";
  }
  return "";
}

Category category_of(const Span& span, LaneKind lane) {
  if (span.kind == OpKind::exchange) return Category::exchange;
  if (is_communication(span.kind)) return Category::collective;
  if (lane == LaneKind::copy) return Category::copy;
  if (lane == LaneKind::host) return Category::host;
  switch (span.tags.phase) {
    case Phase::forward: return Category::forward;
    case Phase::backward: return Category::backward;
    case Phase::backward_input: return Category::backward_input;
    case Phase::backward_weight: return Category::backward_weight;
    case Phase::none:
    case Phase::optimizer: return Category::other;
  }
  return Category::other;
}

}  // namespace shardpipe::viz
