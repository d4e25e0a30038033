#include "viz/model/prediction.h"

#include <algorithm>
#include <map>

#include "core/cost/roofline.h"

namespace shardpipe::viz {
namespace {

// As much of the operation as a trace holds. Of an exchange it holds the bytes sent; they are
// priced as one message.
OpInfo info_of(const Trace& trace, const Span& s) {
  OpInfo op = {.kind = s.kind,
               .dtype = trace.clock == "modelled" ? DType::bf16 : DType::f32,
               .flops = s.flops,
               .bytes = s.bytes};
  if (s.group >= 0) op.group = &trace.groups[static_cast<std::size_t>(s.group)];
  if (s.kind == OpKind::exchange) op.messages = {{.is_send = true, .bytes = s.bytes}};
  return op;
}

bool has_cost(const Span& s) {
  if (is_communication(s.kind)) return s.group >= 0 && (s.bytes > 0 || s.kind == OpKind::barrier);
  return s.flops > 0 || s.bytes > 0;
}

}  // namespace

std::vector<Predicted> predict(const Trace& trace, const Hardware& hardware) {
  check_ranks(hardware, trace.ranks());
  const RooflineModel model(hardware);
  std::map<std::int32_t, Predicted> by_name;
  for (const Span& s : trace.spans) {
    if (!has_cost(s)) continue;
    Predicted& p = by_name[s.name];
    ++p.count;
    p.measured_ns += s.busy_ns();
    p.predicted_ns += model.duration_ns(info_of(trace, s));
  }
  std::vector<Predicted> all;
  for (auto& [name, p] : by_name) {
    p.name = trace.names[static_cast<std::size_t>(name)];
    all.push_back(p);
  }
  std::stable_sort(all.begin(), all.end(), [](const Predicted& a, const Predicted& b) {
    return a.measured_ns > b.measured_ns;
  });
  return all;
}

}  // namespace shardpipe::viz
