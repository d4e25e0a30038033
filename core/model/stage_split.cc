#include "core/model/stage_split.h"

#include <algorithm>

namespace shardpipe {

double block_flops(const DecoderConfig& c) {
  const double D = static_cast<double>(c.hidden), F = static_cast<double>(c.ffn);
  const double kv = static_cast<double>(c.kv_heads) / static_cast<double>(c.heads);  // K / H
  const double projections = 2 * D * D * (1 + 2 * kv) + 2 * D * D;                   // QKV, output
  const double scores = 2 * 2 * D * static_cast<double>(c.sequence);                 // QK^T, PV
  const double mlp = (c.family == Family::llama ? 3 : 2) * 2 * D * F;
  return projections + scores + mlp;
}

double head_flops(const DecoderConfig& c) {
  return 2 * static_cast<double>(c.hidden) * static_cast<double>(c.vocabulary);
}

std::vector<int> balance_layers(int layers, int stages, double head) {
  if (stages == 1) return {layers};
  // The slowest stage costs either a whole number of layers, or some layers and the head. Try
  // limits upwards: what the last stage has room for, and the rest evenly in front of it.
  std::vector<double> limits;
  for (int n = 1; n <= layers; ++n) {
    limits.push_back(n);
    limits.push_back(n + head);
  }
  std::sort(limits.begin(), limits.end());
  for (const double limit : limits) {
    const int last = std::min(static_cast<int>(limit - head), layers / stages);
    const int front = stages - 1, each = (layers - last) / front, more = (layers - last) % front;
    if (last < 1 || each + (more > 0) > limit) continue;
    std::vector<int> counts(static_cast<std::size_t>(front), each);
    for (int stage = 0; stage < more; ++stage) ++counts[static_cast<std::size_t>(stage)];
    counts.push_back(last);
    return counts;
  }
  fail(ExitCode::fault, text("no split of ", layers, " layers into ", stages, " stages"));
}

std::vector<StageRange> split_into_stages(const DecoderConfig& config, int stages) {
  if (config.layers < stages)
    usage_error(text("--layers ", config.layers, " cannot be cut into ", stages,
                     " stages (--pp times chunks): each needs at least one layer"));
  std::vector<StageRange> ranges;
  int first = 0;
  for (const int count :
       balance_layers(config.layers, stages, head_flops(config) / block_flops(config))) {
    const int stage = static_cast<int>(ranges.size());
    ranges.push_back(
        {.first_layer = first, .layers = count, .first = stage == 0, .last = stage == stages - 1});
    first += count;
  }
  return ranges;
}

}  // namespace shardpipe
