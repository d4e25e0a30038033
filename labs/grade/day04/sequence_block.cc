// How day04_sequence_block is graded: on a block of two branches, attention and MLP, one after the
// other.
#include "exercises/day04_communication/day04_sequence_block.h"

#include <cmath>

#include "labs/grade/budgets.h"
#include "labs/grade/day04/calls.h"
#include "labs/grade/day04/given_branch.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index D = kBranchFeatures;

// What the other functions rely on.
void check_kept(const char* name, const Tensor& x, const Shape& shape) {
  if (!x.empty() && x.shape() == shape) return;
  fail(ExitCode::wrong, text("state.", name, " is ", x.empty() ? "not set" : x.shape().to_string(),
                             "; wanted: ", shape.to_string()));
}

// One branch: its layers and what passes between the functions.
struct Branch {
  Branch(const BranchTables& whole, RankContext& ctx) : given(whole, ctx) {}
  GivenBranch given;
  SequenceState state = {};
};

class Block {
 public:
  Block(const SequenceBlockAnswer& answer, RankContext& ctx) : answer_(answer), ctx_(ctx) {}

  Tensor forward(const Tensor& x, Branch& branch) {
    const auto scope = ctx_.scope({.phase = Phase::forward});
    const Tensor y(ctx_.device, own());
    answer_.branch_forward(y, x, branch.given.layers(), branch.state, ctx_);
    check_kept("normed", branch.state.normed, own());
    return y;
  }

  Tensor backward_input(const Tensor& dy, Branch& branch) {
    const auto scope = ctx_.scope({.phase = Phase::backward_input});
    const Tensor dx(ctx_.device, own());
    answer_.branch_backward_input(dx, dy, branch.given.layers(), branch.state, ctx_);
    check_kept("dy_all", branch.state.dy_all, {ctx_.tp.size() * kOwnTokens, D});
    return dx;
  }

  void backward_weight(Branch& branch) {
    const auto scope = ctx_.scope({.phase = Phase::backward_weight});
    answer_.branch_backward_weight(branch.given.layers(), branch.state, ctx_);
  }

  void reduce_norm_gradients(const Branch& first, const Branch& second) {
    const auto scope = ctx_.scope({.phase = Phase::optimizer});
    std::vector<Tensor> all = first.given.norm_gradients();
    for (const Tensor& gradient : second.given.norm_gradients()) all.push_back(gradient);
    answer_.reduce_norm_gradients(all, ctx_);
  }

 private:
  static Shape own() { return {kOwnTokens, D}; }

  const SequenceBlockAnswer& answer_;
  RankContext& ctx_;
};

HeldTensors run(const SequenceBlockAnswer& answer, const BlockNumbers& all, RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const Tensor x = upload(all.x, rows_part(all.x, rank, t), ctx);
  const Tensor dy = upload(all.dy, rows_part(all.dy, rank, t), ctx);
  Branch attention(all.attention, ctx), mlp(all.mlp, ctx);
  Block block(answer, ctx);
  ctx.begin_window();
  touch({x, dy}, ctx);
  const Tensor z = block.forward(x, attention), y = block.forward(z, mlp);
  touch({z, y}, ctx);
  const Tensor dz = block.backward_input(dy, mlp), dx = block.backward_input(dz, attention);
  touch({dz, dx}, ctx);
  block.backward_weight(mlp);
  block.backward_weight(attention);
  block.reduce_norm_gradients(attention, mlp);
  for (Branch* branch : {&attention, &mlp}) {
    touch(branch->given.norm_gradients(), ctx);
    touch({branch->given.layers().bias_gradient}, ctx);
  }
  HeldTensors held = {{"z", z}, {"y", y}, {"dz", dz}, {"dx", dx}, {"x", x}, {"dy", dy}};
  for (const auto& [name, branch] : {std::pair("attention, ", &attention), {"MLP, ", &mlp}}) {
    for (const auto& one : branch->given.held(name)) held.push_back(one);
    held.emplace_back(text(name, "state.normed"), branch->state.normed);
    held.emplace_back(text(name, "state.dy_all"), branch->state.dy_all);
  }
  ctx.end_window();
  return held;
}

std::map<std::string, Wanted64> want(const BlockNumbers& all, int rank, int t, bool exact) {
  const BranchForward first = branch_forward_of(all.attention, all.x);
  const BranchForward second = branch_forward_of(all.mlp, first.y);
  const BranchBackward second_back = branch_backward_of(all.mlp, first.y, second, all.dy);
  const BranchBackward first_back = branch_backward_of(all.attention, all.x, first, second_back.dx);
  const double n = exact ? 0 : block_roundings(t);
  const auto own = [&](const Table& a, double roundings) {
    return wanted(a, rows_part(a, rank, t), roundings);
  };
  std::map<std::string, Wanted64> out = {
      {"z", own(first.y, n)},
      {"y", own(second.y, n)},
      {"dz", own(second_back.dx, n)},
      {"dx", own(first_back.dx, n)},
      {"x", own(all.x, 0)},
      {"dy", own(all.dy, 0)},
      {"attention, state.normed", own(first.normed, n)},
      {"MLP, state.normed", own(second.normed, n)},
      {"attention, state.dy_all", wanted(second_back.dx, all_of(second_back.dx), n)},
      {"MLP, state.dy_all", wanted(all.dy, all_of(all.dy), 0)}};
  out.merge(GivenBranch::wanted_of("attention, ", all.attention, first_back.gradients, rank, t, n));
  out.merge(GivenBranch::wanted_of("MLP, ", all.mlp, second_back.gradients, rank, t, n));
  return out;
}

// A gather and a reduce-scatter a branch forward and backward, a gather for the weights, and the
// sum of the norms' gradients.
std::vector<Budget> budgets(int t) {
  const Index T = t * kOwnTokens, all = 4 * T * D;
  const auto gathers = [](Phase phase) -> Collectives { return {OpKind::all_gather, "tp", phase}; };
  const auto sums = [](Phase phase) -> Collectives {
    return {OpKind::reduce_scatter, "tp", phase};
  };
  std::vector<Budget> list;
  for (const Phase phase : {Phase::forward, Phase::backward_input, Phase::backward_weight}) {
    const int scattered = phase == Phase::backward_weight ? 0 : 2;
    for (const Budget& one :
         {calls_of(gathers(phase), 2), bytes_of(gathers(phase), 2 * all),
          calls_of(sums(phase), scattered), bytes_of(sums(phase), scattered * all)})
      list.push_back(one);
  }
  const Collectives norms{OpKind::all_reduce, "tp", Phase::optimizer};
  list.push_back(bytes_of(norms, 4 * 4 * D));
  list.push_back(calls_at_most(norms, 4));
  list.push_back(no_calls_but_those_of(
      "tp", {OpKind::all_gather, OpKind::reduce_scatter, OpKind::all_reduce}));
  list.push_back(calls_of({OpKind::all_reduce, "tp", Phase::forward}, 0));
  // In backward of the second branch: x, z, y, dy, dz, dx; two normed and what norm and its
  // backward make; dy of all tokens twice, and a term.
  const Index held = 2 * GivenBranch::elements(t) + (6 + 2 + 2) * kOwnTokens * D + 3 * T * D;
  list.push_back(bytes_held([=](int) { return 4.0 * static_cast<double>(held + kOwnTokens); }));
  return list;
}

std::string explain(const GridShape& grid, int rank, const std::string& name, double got) {
  std::vector<Term> terms = digits(grid, rank, name == "y");
  terms.push_back({name == "y" ? "x" : "dy", true});
  return name == "y" || name == "dx" ? terms_in(got, terms) : "";
}

DeviceCase make_case(const SequenceBlockAnswer& answer, Data data, std::uint64_t seed,
                     GridShape grid) {
  const auto numbers = [=](int rank) { return block_numbers(data, seed, grid, rank / grid.tp); };
  return {.name = text(words_of(grid), ", T=", kOwnTokens * grid.tp, ", ", words_of(data)),
          .grid = grid,
          .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
          .want = [=](int r) { return want(numbers(r), r % grid.tp, grid.tp, is_exact(data)); },
          .budgets = budgets(grid.tp),
          .explain =
              [=](int rank, const std::string& name, std::size_t, double got) {
                return data == Data::who ? explain(grid, rank, name, got) : "";
              }};
}

std::vector<DeviceCase> cases_of(const SequenceBlockAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
    cases.push_back(make_case(answer, data, seed, {.tp = 3, .dp = 2}));
  for (const Data data : {Data::who, Data::integers})
    cases.push_back(make_case(answer, data, seed, {.tp = 5}));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_sequence_block() {
  return make_graded(
      cases_of, &SequenceBlockAnswer::branch_forward, &SequenceBlockAnswer::branch_backward_input,
      &SequenceBlockAnswer::branch_backward_weight, &SequenceBlockAnswer::reduce_norm_gradients);
}

}  // namespace shardpipe
