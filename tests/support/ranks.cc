#include "tests/support/ranks.h"

#include "core/base/random.h"

namespace shardpipe {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

Piece columns_of(const std::string& name, Index T, Index part, int rank, int t) {
  return {.name = name, .full = {T, part * t}, .dim = 1, .full_first = rank * part, .count = part};
}

Piece rows_of(const std::string& name, Index part, Index F, int rank, int t) {
  return {.name = name, .full = {part * t, F}, .dim = 0, .full_first = rank * part, .count = part};
}

void hold(RankContext& ctx, const std::vector<Parameter*>& parameters, Tensor Parameter::*which,
          RankResult& result) {
  for (const Parameter* p : parameters)
    result.push_back(
        {p->pieces(ctx.coord.tp), (p->*which).shape(), ctx.math.to_host(p->*which, ctx.compute)});
}

// Compares one tensor of one rank; marks what it has seen of each whole tensor.
std::string compare(const Held& held, const HostTensors& want,
                    std::map<std::string, std::vector<bool>>& seen) {
  std::string difference;
  std::vector<bool> known(held.values.size(), false);
  for (const Piece& piece : held.pieces) {
    const auto found = want.find(piece.name);
    if (found == want.end() || !(found->second.shape == piece.full))
      return text(piece.name, " ", piece.full, " is not expected");
    auto& mark = seen[piece.name];
    mark.resize(at(piece.full.elements()), false);
    for_each_number(piece, held.local, [&](Index full, Index local) {
      mark[at(full)] = known[at(local)] = true;
      const float is = held.values[at(local)], should = found->second.values[at(full)];
      if (!(is == should) && difference.empty())
        difference = text(piece.name, "[", full, "] is ", is, ", not ", should);
    });
  }
  for (std::size_t i = 0; i < known.size() && difference.empty(); ++i)
    if (!known[i] && !(held.values[i] == 0))
      difference = text(held.pieces.front().name, ": padding ", i, " is ", held.values[i]);
  return difference;
}

}  // namespace

Held hold_whole(RankContext& ctx, const std::string& name, const Tensor& x) {
  return {replicated(name, x.shape())(ctx.coord.tp), x.shape(), ctx.math.to_host(x, ctx.compute)};
}

Held hold_columns(RankContext& ctx, const std::string& name, const Tensor& x) {
  return {{columns_of(name, x.size(0), x.size(1), ctx.tp.rank(), ctx.tp.size())},
          x.shape(),
          ctx.math.to_host(x, ctx.compute)};
}

Held hold_rows(RankContext& ctx, const std::string& name, const Tensor& x) {
  return {{rows_of(name, x.size(0), x.size(1), ctx.tp.rank(), ctx.tp.size())},
          x.shape(),
          ctx.math.to_host(x, ctx.compute)};
}

void hold_weights(RankContext& ctx, const std::vector<Parameter*>& parameters, RankResult& result) {
  hold(ctx, parameters, &Parameter::value, result);
}

void hold_gradients(RankContext& ctx, const std::vector<Parameter*>& parameters,
                    RankResult& result) {
  hold(ctx, parameters, &Parameter::grad, result);
}

TpRun run_tp(int tp, const TpProgram& program, const KernelMaker& make_kernels) {
  return run_grid({.tp = tp}, program, make_kernels);
}

TpRun run_grid(GridShape grid, const TpProgram& program, const KernelMaker& make_kernels,
               GridOrder order) {
  TpRun run;
  run.ranks.resize(at(grid.ranks()));
  run.report = run_on_cpu(
      {.grid = grid, .order = order, .record_trace = false, .make_kernels = make_kernels},
      [&](RankContext& ctx) { run.ranks[at(ctx.rank)] = program(ctx); });
  return run;
}

HostTensors whole_tensors(const TpRun& run) {
  HostTensors whole;
  if (run.ranks.size() != 1) fail(text("whole_tensors of ", run.ranks.size(), " ranks"));
  for (const Held& held : run.ranks[0])
    for (const Piece& piece : held.pieces) {
      HostTensor& tensor = whole[piece.name];
      tensor.shape = piece.full;
      tensor.values.resize(at(piece.full.elements()));
      for_each_number(piece, held.local, [&](Index full, Index local) {
        tensor.values[at(full)] = held.values[at(local)];
      });
    }
  return whole;
}

std::string first_wrong(const RankResult& rank, const HostTensors& want) {
  std::map<std::string, std::vector<bool>> seen;
  if (rank.empty()) return "the rank holds nothing";
  for (const Held& held : rank) {
    const std::string difference = compare(held, want, seen);
    if (!difference.empty()) return difference;
  }
  return "";
}

std::string first_difference(const TpRun& run, const HostTensors& want) {
  std::map<std::string, std::vector<bool>> seen;
  for (std::size_t rank = 0; rank < run.ranks.size(); ++rank)
    for (const Held& held : run.ranks[rank]) {
      const std::string difference = compare(held, want, seen);
      if (!difference.empty())
        return text("tp=", run.ranks.size(), " rank ", rank, ": ", difference);
    }
  for (const auto& [name, tensor] : want) {
    const std::vector<bool>& mark = seen[name];
    for (std::size_t i = 0; i < tensor.values.size(); ++i)
      if (i >= mark.size() || !mark[i])
        return text("tp=", run.ranks.size(), ": no rank holds ", name, "[", i, "]");
  }
  return "";
}

std::vector<std::string> all_zero(const HostTensors& want) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : want) {
    bool zero = true;
    for (const float x : tensor.values) zero = zero && x == 0;
    if (zero) names.push_back(name);
  }
  return names;
}

Fill integers(int limit) {
  return [limit](const std::string& name, Index index) {
    const double u = random_uniform(5, stream_of(name), static_cast<std::uint64_t>(index));
    return static_cast<float>(static_cast<int>(u * (2 * limit + 1)) - limit);
  };
}

Tensor make_whole(RankContext& ctx, const std::string& name, Shape shape, const Fill& fill) {
  std::vector<float> values(at(shape.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = fill(name, static_cast<Index>(i));
  Tensor x(ctx.device, shape);
  ctx.math.upload(x, values, ctx.compute);
  return x;
}

namespace {

// A piece of a whole tensor, as a tensor of its own.
Tensor make_piece(RankContext& ctx, const Piece& piece, Shape local, const Fill& fill) {
  Tensor x(ctx.device, local);
  std::vector<float> values(at(x.elements()));
  for_each_number(piece, local,
                  [&](Index full, Index i) { values[at(i)] = fill(piece.name, full); });
  ctx.math.upload(x, values, ctx.compute);
  return x;
}

}  // namespace

Tensor make_columns(RankContext& ctx, const std::string& name, Index T, Index F, const Fill& fill) {
  const int t = ctx.tp.size();
  return make_piece(ctx, columns_of(name, T, F / t, ctx.tp.rank(), t), {T, F / t}, fill);
}

Tensor make_rows(RankContext& ctx, const std::string& name, Index T, Index F, const Fill& fill) {
  const int t = ctx.tp.size();
  return make_piece(ctx, rows_of(name, T / t, F, ctx.tp.rank(), t), {T / t, F}, fill);
}

Tensor make_tokens(RankContext& ctx, const std::vector<std::int32_t>& tokens) {
  Tensor x(ctx.device, {static_cast<Index>(tokens.size())}, DType::i32);
  ctx.math.upload(x, tokens, ctx.compute);
  return x;
}

std::vector<std::int32_t> random_tokens(Index T, Index vocabulary, std::uint64_t seed) {
  std::vector<std::int32_t> tokens(at(T));
  for (std::size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = static_cast<std::int32_t>(random_bits(seed, stream_of("tokens"), i) %
                                          static_cast<std::uint64_t>(vocabulary));
  return tokens;
}

}  // namespace shardpipe
