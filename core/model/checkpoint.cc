#include "core/model/checkpoint.h"

namespace shardpipe {

namespace {

void gather(RankContext& ctx, const Parameter& p, const Tensor& of, HostTensors& all) {
  const std::vector<float> local = ctx.math.to_host(of, ctx.compute);
  for (const Piece& piece : p.pieces(ctx.coord.tp)) {
    std::vector<float> whole(static_cast<std::size_t>(piece.full.elements()), 0.0f);
    if (piece.counts)
      for_each_number(piece, of.shape(), [&](Index full, Index here) {
        whole[static_cast<std::size_t>(full)] = local[static_cast<std::size_t>(here)];
      });
    Tensor sum(ctx.device, piece.full);  // f32; every number comes from one rank, so it is exact
    ctx.math.upload(sum, whole, ctx.compute);
    ctx.tp.all_reduce(sum, ctx.compute);
    all[piece.name] = {piece.full, ctx.math.to_host(sum, ctx.compute)};
  }
}

}  // namespace

HostTensors gather_weights(RankContext& ctx, const std::vector<Parameter*>& parameters) {
  HostTensors all;
  for (const Parameter* p : parameters) gather(ctx, *p, p->value, all);
  return all;
}

HostTensors gather_gradients(RankContext& ctx, const std::vector<Parameter*>& parameters) {
  HostTensors all;
  for (const Parameter* p : parameters) gather(ctx, *p, p->grad, all);
  return all;
}

void load_weights(RankContext& ctx, const std::vector<Parameter*>& parameters,
                  const HostTensors& tensors, const std::string& file) {
  for (Parameter* p : parameters) {
    std::vector<float> local(static_cast<std::size_t>(p->value.elements()), 0.0f);
    for (const Piece& piece : p->pieces(ctx.coord.tp)) {
      const auto found = tensors.find(piece.name);
      if (found == tensors.end()) usage_error(text(file, ": has no tensor ", piece.name));
      if (!(found->second.shape == piece.full))
        usage_error(text(file, ": ", piece.name, " is ", found->second.shape, ", this model wants ",
                         piece.full));
      for_each_number(piece, p->value.shape(), [&](Index full, Index here) {
        local[static_cast<std::size_t>(here)] =
            found->second.values[static_cast<std::size_t>(full)];
      });
    }
    ctx.math.upload(p->value, local, ctx.compute);
  }
}

}  // namespace shardpipe
