#include "labs/grade/day03/attention_cases.h"

#include "core/reference/sixteenths_kernels.h"
#include "labs/grade/budgets.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index B = kAttentionSequences, S = kAttentionPositions, C = kAttentionHeadSize;

AttentionShard upload(const AttentionPart& part, RankContext& ctx) {
  const auto all = [&](const Table& table) { return upload(table, all_of(table), ctx); };
  return {.qkv_weight = all(part.qkv_weight),
          .qkv_bias = all(part.qkv_bias),
          .out_weight = all(part.out_weight),
          .out_bias = all(part.out_bias)};
}

void add(HeldTensors& to, const std::string& prefix, const AttentionShard& shard) {
  to.push_back({prefix + "qkv_weight", shard.qkv_weight});
  to.push_back({prefix + "qkv_bias", shard.qkv_bias});
  to.push_back({prefix + "out_weight", shard.out_weight});
  to.push_back({prefix + "out_bias", shard.out_bias});
}

// What a rank is given.
struct Given {
  Tensor x, dy, y, dx;  // [T,D]
  AttentionShard weights, gradients;
  AttentionState state;
};

Given given_to(const AttentionNumbers& all, RankContext& ctx) {
  const int rank = ctx.tp.rank();
  const AttentionShard weights = upload(part_of(all.weights, all.sizes, rank), ctx);
  const Shape outside = {kAttentionTokens, kAttentionFeatures};
  return {.x = upload(all.x, all_of(all.x), ctx),
          .dy = upload(all.dy, all_of(all.dy), ctx),
          .y = Tensor(ctx.device, outside),
          .dx = Tensor(ctx.device, outside),
          .weights = weights,
          .gradients = upload(part_of(all.earlier, all.sizes, rank), ctx),
          .state = make_attention_state(weights, kAttentionTokens, S, C, ctx)};
}

void run_backward(const AttentionTrial& trial, const Given& g, RankContext& ctx) {
  {
    const auto scope = ctx.scope({.phase = Phase::backward});
    trial.parts.heads_backward(g.dy, g.weights, g.state, ctx);
    trial.parts.projection_backward(g.dx, g.gradients, g.x, g.dy, g.weights, g.state, ctx);
  }
  touch({g.dx}, ctx);
  if (trial.end_of_step) trial.end_of_step(g.gradients, ctx);
  touch(
      {g.gradients.qkv_weight, g.gradients.qkv_bias, g.gradients.out_weight, g.gradients.out_bias},
      ctx);
}

// What is made first, so that the first number that is wrong is nearest to its cause; then what may
// not be changed.
HeldTensors held_of(const AttentionTrial& trial, const Given& g) {
  const HeldTensors forward = {{"q", g.state.q},
                               {"k", g.state.k},
                               {"v", g.state.v},
                               {"p", g.state.p},
                               {"context", g.state.context},
                               {"y", g.y}};
  HeldTensors held;
  if (trial.graded != Passes::backward) held = forward;
  if (trial.graded != Passes::forward) {
    held.insert(held.end(), {{"dqkv", g.state.dqkv}, {"dx", g.dx}});
    add(held, "gradient of ", g.gradients);
  }
  if (trial.graded == Passes::backward) held.insert(held.end(), forward.begin(), forward.end());
  held.insert(held.end(), {{"x", g.x}, {"dy", g.dy}});
  add(held, "", g.weights);
  return held;
}

HeldTensors run(const AttentionTrial& trial, const AttentionNumbers& all, RankContext& ctx) {
  const Given given = given_to(all, ctx);
  ctx.begin_window();
  touch({given.x}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    trial.parts.project_heads(given.x, given.weights, given.state, ctx);
    trial.parts.attend(given.y, given.weights, given.state, ctx);
  }
  touch({given.y, given.dy}, ctx);
  if (trial.graded != Passes::forward) run_backward(trial, given, ctx);
  ctx.end_window();
  return held_of(trial, given);
}

using AllWanted = std::map<std::string, Wanted64>;

void add(AllWanted& to, const std::string& prefix, const AttentionPart& part, double roundings) {
  const auto all = [&](const Table& table) { return wanted(table, all_of(table), roundings); };
  to[prefix + "qkv_weight"] = all(part.qkv_weight);
  to[prefix + "qkv_bias"] = all(part.qkv_bias);
  to[prefix + "out_weight"] = all(part.out_weight);
  to[prefix + "out_bias"] = all(part.out_bias);
}

AllWanted want(const AttentionNumbers& all, int rank) {
  const AttentionSizes& sizes = all.sizes;
  const HeadShare share = sizes.share();
  const AttentionResults results = attention_results(all);
  const double roundings = is_exact(all.data) ? 0 : attention_roundings(sizes);
  const auto whole = [&](const Table& table) { return wanted(table, all_of(table), roundings); };
  const auto heads = [&](const Table& table, Index first, Index count) {
    return whole(turned_heads(table, first, count));
  };
  const Index first = sizes.first_head(rank), kv_first = sizes.first_kv_head(rank);
  AllWanted out = {
      {"q", heads(results.q, first, share.heads)},
      {"k", heads(results.k, kv_first, share.kv_heads)},
      {"v", heads(results.v, kv_first, share.kv_heads)},
      {"p", whole(rows_of_heads(results.p, sizes, rank))},
      {"context",
       wanted(results.context, columns_part(results.context, rank, sizes.grid.tp), roundings)},
      {"y", whole(results.y)},
      {"dqkv", whole(own_dqkv(results, sizes, rank))},
      {"dx", whole(results.dx)},
      {"x", wanted(all.x, all_of(all.x), 0)},
      {"dy", wanted(all.dy, all_of(all.dy), 0)}};
  add(out, "gradient of ", gradients_of(all, results, rank), roundings);
  add(out, "", part_of(all.weights, sizes, rank), 0);
  return out;
}

// Under Data::who: whose terms a number is made of, where it is such a sum.
std::string explain(const AttentionSizes& sizes, int rank, const std::string& name, Index index,
                    double got) {
  const Index token = index / kAttentionFeatures, feature = index % kAttentionFeatures;
  const GridShape& grid = sizes.grid;
  if (name == "y") return terms_in(got, digits(grid, rank));
  // Each of the S queries of a sequence took its value from position 0, by feature 1.
  if (name == "dx" && token % S == 0 && feature == 1)
    return terms_in(got / S, digits(grid, rank, false));
  // Features 0 and 1 of x are 1 at position 0, the only one whose value was taken, in each of B
  // sequences.
  const HeadShare share = sizes.share();
  const Index first_value = (share.heads + share.kv_heads) * C;
  if (name != "gradient of qkv_weight" || token < first_value || token % C != 0 || feature > 1)
    return "";
  std::vector<Term> terms;
  for (int r = 0; r < grid.ranks(); ++r)
    terms.push_back({text("rank ", r), r / share.kv_replicas == rank / share.kv_replicas});
  return terms_in(got / (B * S), terms);
}

DeviceCase make_case(const AttentionTrial& trial, Data data, std::uint64_t seed,
                     const AttentionSizes& sizes) {
  const int t = sizes.grid.tp;
  const auto numbers = [=](int rank) { return attention_numbers(data, seed, sizes, rank / t); };
  std::vector<AllWanted> wanted;
  for (int rank = 0; rank < sizes.grid.ranks(); ++rank)
    wanted.push_back(want(numbers(rank), rank % t));
  DeviceCase c = {.name = text(words_of(sizes.grid), ", ", sizes.heads, " heads",
                               sizes.kv_heads == sizes.heads ? "" : text(" on ", sizes.kv_heads),
                               ", ", words_of(data), is_exact(data) ? ", softmax in 16ths" : ""),
                  .grid = sizes.grid,
                  .program = [=](RankContext& ctx) { return run(trial, numbers(ctx.rank), ctx); },
                  .want = [=](int rank) { return wanted[static_cast<std::size_t>(rank)]; },
                  .budgets = trial.budgets,
                  .explain =
                      [=](int rank, const std::string& name, std::size_t index, double got) {
                        return data == Data::who
                                   ? explain(sizes, rank, name, static_cast<Index>(index), got)
                                   : "";
                      }};
  if (is_exact(data)) c.make_kernels = [] { return std::make_unique<SixteenthsKernels>(); };
  return c;
}

}  // namespace

std::vector<DeviceCase> attention_cases(
    const std::function<AttentionTrial(const AttentionSizes&)>& trial,
    const std::vector<AttentionSizes>& sizes, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const AttentionSizes& one : sizes)
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(trial(one), data, seed, one));
  return cases;
}

std::vector<Budget> one_sum_in(Phase phase) {
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp", .phase = phase};
  return {calls_of(sums, 1), bytes_of(sums, 4 * kAttentionTokens * kAttentionFeatures)};
}

std::vector<Budget> no_sum_in(Phase phase) {
  return {calls_of({.kind = OpKind::all_reduce, .axis = "tp", .phase = phase}, 0)};
}

Index numbers_given(const AttentionSizes& sizes) {
  const HeadShare share = sizes.share();
  const Index h = share.heads, k = share.kv_heads, D = kAttentionFeatures, qkv = (h + 2 * k) * C;
  const Index weights = qkv * (D + 1) + D * h * C + D;
  const Index state = kAttentionTokens * (2 * qkv + h * C) + B * h * S * S;
  return 4 * kAttentionTokens * D + 2 * weights + state;
}

}  // namespace shardpipe
