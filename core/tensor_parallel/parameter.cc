#include "core/tensor_parallel/parameter.h"

#include <cmath>

#include "core/base/random.h"

namespace shardpipe {
namespace {

bool ends_residual_branch(const std::string& name) {
  return name.ends_with(".attention.out.weight") || name.ends_with(".mlp.down.weight");
}

}  // namespace

Parameter make_parameter(RankContext& ctx, Shape local, WeightType type,
                         std::function<std::vector<Piece>(int)> pieces) {
  Parameter p{.value = Tensor(ctx.device, local, type.value),
              .grad = Tensor(ctx.device, local, type.gradient),
              .pieces = std::move(pieces)};
  ctx.math.fill(p.grad, 0, ctx.compute);
  return p;
}

std::function<std::vector<Piece>(int)> replicated(const std::string& name, Shape full) {
  return [=](int tp_rank) -> std::vector<Piece> {
    return {{.name = name, .full = full, .dim = 0, .count = full[0], .counts = tp_rank == 0}};
  };
}

Index elements_of(const Piece& piece) {
  Index elements = piece.count;
  for (int d = 0; d < piece.full.dims(); ++d)
    if (d != piece.dim) elements *= piece.full[d];
  return elements;
}

void for_each_run(const Piece& piece, const Shape& local,
                  const std::function<void(Index full, Index local, Index count)>& visit) {
  Index outer = 1, inner = 1;
  for (int d = 0; d < piece.dim; ++d) outer *= local[d];
  for (int d = piece.dim + 1; d < local.dims(); ++d) inner *= local[d];
  for (Index o = 0; o < outer; ++o)
    visit((o * piece.full[piece.dim] + piece.full_first) * inner,
          (o * local[piece.dim] + piece.first) * inner, piece.count * inner);
}

void for_each_number(const Piece& piece, const Shape& local,
                     const std::function<void(Index full, Index local)>& visit) {
  for_each_run(piece, local, [&](Index full, Index here, Index count) {
    for (Index i = 0; i < count; ++i) visit(full + i, here + i);
  });
}

void fill_parameter(RankContext& ctx, Parameter& parameter, const Fill& fill) {
  if (!ctx.device.has_numbers()) return;
  std::vector<float> values(static_cast<std::size_t>(parameter.value.elements()), 0.0f);
  for (const Piece& piece : parameter.pieces(ctx.coord.tp))
    for_each_number(piece, parameter.value.shape(), [&](Index full, Index local) {
      values[static_cast<std::size_t>(local)] = fill(piece.name, full);
    });
  ctx.math.upload(parameter.value, values, ctx.compute);
}

Fill gpt2_init(std::uint64_t seed, int layers) {
  return [=](const std::string& name, Index index) {
    if (name.ends_with(".bias")) return 0.0f;
    if (name.ends_with(".scale")) return 1.0f;
    const double deviation = ends_residual_branch(name) ? 0.02 / std::sqrt(2.0 * layers) : 0.02;
    return static_cast<float>(
        deviation * random_normal(seed, stream_of(name), static_cast<std::uint64_t>(index)));
  };
}

Fill random_fill(std::uint64_t seed, Index inputs) {
  return [=](const std::string& name, Index index) {
    const double x = random_normal(seed, stream_of(name), static_cast<std::uint64_t>(index));
    if (name.ends_with(".bias")) return static_cast<float>(0.3 * x);
    if (name.ends_with(".scale")) return static_cast<float>(1 + 0.2 * x);
    return static_cast<float>(x / std::sqrt(static_cast<double>(inputs)));
  };
}

}  // namespace shardpipe
