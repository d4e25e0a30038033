#include "core/device/op_info.h"

namespace shardpipe {

const char* name_of(OpKind kind) {
  switch (kind) {
    case OpKind::compute: return "compute";
    case OpKind::exchange: return "exchange";
    case OpKind::all_reduce: return "all_reduce";
    case OpKind::all_gather: return "all_gather";
    case OpKind::reduce_scatter: return "reduce_scatter";
    case OpKind::broadcast: return "broadcast";
    case OpKind::barrier: return "barrier";
  }
  return "?";
}

const char* name_of(Phase phase) {
  switch (phase) {
    case Phase::none: return "none";
    case Phase::forward: return "forward";
    case Phase::backward: return "backward";
    case Phase::backward_input: return "backward_input";
    case Phase::backward_weight: return "backward_weight";
    case Phase::optimizer: return "optimizer";
  }
  return "?";
}

std::string Tags::words() const {
  std::string words;
  const auto add = [&](const char* name, int value) {
    if (value >= 0) words += std::string(", ") + name + " " + std::to_string(value);
  };
  add("step", step);
  if (phase != Phase::none) words += std::string(", ") + name_of(phase);
  add("stage", stage);
  add("micro-batch", microbatch);
  add("layer", layer);
  return words;
}

std::string Dims::words() const {
  const auto listed = [this](std::int64_t rows, std::int64_t columns) {
    std::string words = "[";
    for (int i = 0; i + 2 < count; ++i)
      words += std::to_string(sizes[static_cast<std::size_t>(i)]) + ", ";
    if (count > 1) words += std::to_string(rows) + ", ";
    return words + std::to_string(columns) + "]";
  };
  if (count == 0) return "";
  const std::int64_t columns = sizes[static_cast<std::size_t>(count - 1)];
  const std::int64_t rows = count > 1 ? sizes[static_cast<std::size_t>(count - 2)] : 1;
  if (inner == 0) return listed(rows, columns);
  return listed(rows, inner) + " x " + listed(inner, columns);
}

std::string Group::label() const {
  std::string label = axis + "[";
  for (std::size_t i = 0; i < ranks.size(); ++i)
    label += (i == 0 ? "" : ",") + std::to_string(ranks[i]);
  return label + "]";
}

}  // namespace shardpipe
