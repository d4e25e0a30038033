#include "labs/grade/day03/loss_cases.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day03/loss_numbers.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index T = kLossTokens;

HeldTensors run(const LossFunctions& answer, const LossNumbers& all, RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const VocabularyRows rows = rows_of(all.vocabulary, rank, t);
  const Tensor logits = upload(all.logits, columns_part(all.logits, rank, t), ctx);  // [T,V'/t]
  const Tensor targets(ctx.device, {T}, DType::i32), loss(ctx.device, {1});
  ctx.math.upload(targets, all.targets, ctx.compute);
  const auto one_a_token = [&] { return Tensor(ctx.device, {T}); };
  const LossState state{.max = one_a_token(), .target = one_a_token(), .sum = one_a_token()};
  const Tensor p(ctx.device, logits.shape());
  ctx.begin_window();
  touch({logits}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    answer.forward(loss, logits, targets, state, rows, ctx);
  }
  touch({logits, loss, state.max, state.target, state.sum}, ctx);
  ctx.math.copy(p, logits, ctx.compute);  // backward writes its result there
  if (answer.backward) {
    const auto scope = ctx.scope({.phase = Phase::backward_input});
    answer.backward(logits, targets, state, rows, static_cast<float>(all.scale), ctx);
  }
  touch({logits}, ctx);
  ctx.end_window();
  HeldTensors held = {
      {"max", state.max}, {"target", state.target}, {"sum", state.sum}, {"p", p}, {"loss", loss}};
  if (answer.backward) held.emplace_back("dlogits", logits);
  return held;
}

std::map<std::string, Wanted64> want(const LossNumbers& all, int rank, int t, bool exact) {
  const LossResults results = loss_results(all);
  const LossBounds bounds = loss_bounds(all, t);
  std::map<std::string, Wanted64> out;
  const auto add = [&](const char* name, const Table& table, Cut cut, double bound) {
    out[name] = wanted(table, cut, exact ? 0 : 1);
    out[name].bound = exact ? 0 : bound;
  };
  add("max", results.max, all_of(results.max), 0);
  add("target", results.target, all_of(results.target), 0);
  add("sum", results.sum, all_of(results.sum), bounds.sum);
  add("p", results.p, columns_part(results.p, rank, t), bounds.p);
  add("dlogits", results.dlogits, columns_part(results.dlogits, rank, t), bounds.dlogits);
  out["loss"] = {.values = {results.loss}, .bound = bounds.loss};  // a logarithm is in it
  return out;
}

// max, target and sum, T numbers each; the last two may travel together. Nothing backward. Memory
// for two numbers a token beside what is given.
std::vector<Budget> budgets(Index columns) {
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp"};
  const Collectives forward{.kind = sums.kind, .axis = "tp", .phase = Phase::forward};
  const Collectives backward{.kind = sums.kind, .axis = "tp", .phase = Phase::backward_input};
  Budget calls = calls_of(forward, 3);
  calls.least = [](int) { return 2; };
  const Index given = 2 * T * columns + T + 3 * T + 1;
  return {calls, bytes_of(forward, 3 * 4 * T), calls_of(backward, 0), no_calls_but(sums),
          bytes_held([=](int) { return 4.0 * static_cast<double>(given + 2 * T); })};
}

// Which rank's logits a number under `who` is made of; the place of one under `where`.
std::string explain(Data data, const LossNumbers& all, const GridShape& grid, int rank,
                    const std::string& name, std::size_t token, double got) {
  if (name != "max" && name != "target") return "";
  const Index V = all.vocabulary, count = all.logits.columns / grid.tp;
  if (data == Data::who) {
    const Index owner = (name == "max" ? V - 1 : all.targets[token]) / count;
    std::vector<Term> terms;
    for (int r = 0; r < grid.ranks(); ++r)
      terms.push_back({text("rank ", r), r == rank / grid.tp * grid.tp + owner});
    return terms_in(got / kStep, terms);
  }
  if (data != Data::where) return "";
  for (Index i = 0; i < T; ++i)
    for (Index v = 0; v < V; ++v)
      if (all.logits(i, v).value == got)
        return text("that is the logit of word ", v, ", of rank ", v / count, ", for token ", i);
  return "";
}

const char* words(Data data) {
  switch (data) {
    case Data::who: return "logits of rank r are 128 x 8^r";
    case Data::where: return "logits are 128 times their places";
    case Data::integers: return "large random logits";
    case Data::reals: return "small random logits";
  }
  return "?";
}

DeviceCase make_case(const LossFunctions& answer, Data data, std::uint64_t seed, GridShape grid) {
  const auto numbers = [=](int rank) { return loss_numbers(data, seed, grid, rank / grid.tp); };
  const LossNumbers first = numbers(0);
  std::vector<std::map<std::string, Wanted64>> wanted;
  for (int rank = 0; rank < grid.ranks(); ++rank)
    wanted.push_back(want(numbers(rank), rank % grid.tp, grid.tp, is_exact(data)));
  return {.name = text(words_of(grid), ", V=", first.vocabulary, ", ", words(data)),
          .grid = grid,
          .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
          .want = [=](int rank) { return wanted[static_cast<std::size_t>(rank)]; },
          .budgets = budgets(first.logits.columns / grid.tp),
          .explain =
              [=](int rank, const std::string& name, std::size_t token, double got) {
                return explain(data, numbers(rank), grid, rank, name, token, got);
              }};
}

}  // namespace

std::vector<DeviceCase> loss_cases(const LossFunctions& loss, std::uint64_t seed) {
  return cases_on(usual_grids(), [&](Data data, const GridShape& grid) {
    return make_case(loss, data, seed, grid);
  });
}

}  // namespace shardpipe
