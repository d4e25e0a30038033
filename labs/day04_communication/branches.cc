#include "labs/day04_communication/branches.h"

namespace shardpipe {

std::unique_ptr<Layer> attention_of(RankContext& ctx, const BlockOptions& o,
                                    const Linears& linears) {
  const AttentionOptions& a = o.attention;
  const HeadShare share = head_share(a.heads, a.kv_heads, ctx.tp.size());
  const Index C = o.D / a.heads;
  const std::string name = "blocks.0.attention";
  const auto part = [&](const char* which, Index heads, int replicas) -> OutputPart {
    return {.name = name + which, .outputs = heads * C, .replicas = replicas};
  };
  auto all = std::make_unique<Sequential>();
  all->add(linears.column({part(".q", a.heads, 1), part(".k", a.kv_heads, share.kv_replicas),
                           part(".v", a.kv_heads, share.kv_replicas)}));
  all->add(std::make_unique<AttentionCore>(share, 1, C, a));
  all->add(linears.row(name + ".out", o.D));
  return all;
}

std::unique_ptr<Layer> mlp_of(const BlockOptions& o, const Linears& linears) {
  const std::string name = "blocks.0.mlp";
  const OutputPart gate{.name = name + ".gate", .outputs = o.F}, up{name + ".up", o.F};
  auto all = std::make_unique<Sequential>();
  if (o.gated) {
    all->add(linears.column({gate, up}));
    all->add(std::make_unique<SiluGate>());
  } else {
    all->add(linears.column({up}));
    all->add(std::make_unique<Gelu>(o.mlp.gelu));
  }
  all->add(linears.row(name + ".down", o.F));
  return all;
}

}  // namespace shardpipe
