// How day03_block is graded.
#include "exercises/day03_block/day03_block.h"

#include "labs/grade/budgets.h"
#include "labs/grade/day03/product_block.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

constexpr Index T = kBlockTokens, D = kBlockFeatures;
constexpr int kMicrobatch = 4;

// y = x W^T.
class StandIn : public Layer {
 public:
  StandIn(const Table& weight, RankContext& ctx)
      : weight_(upload(weight, all_of(weight), ctx)), gradient_(ctx.device, {D, D}) {
    ctx.math.fill(gradient_, 0, ctx.compute);
  }
  Tensor forward(Tensor x, int microbatch, RankContext& ctx) override {
    const Tensor y(ctx.device, x.shape());
    ctx.math.gemm(y, x, Transpose::no, weight_, Transpose::yes, {}, ctx.compute);
    saved_[microbatch].x = x;
    return y;
  }
  Tensor backward_input(Tensor dy, int microbatch, RankContext& ctx) override {
    const Tensor dx(ctx.device, dy.shape());
    ctx.math.gemm(dx, dy, Transpose::no, weight_, Transpose::no, {}, ctx.compute);
    kept(saved_, microbatch).dy = dy;
    return dx;
  }
  void backward_weight(int microbatch, RankContext& ctx) override {
    const Saved s = take(saved_, microbatch);
    if (s.dy.empty()) fail(text("micro-batch ", microbatch, " was given no dy"));
    ctx.math.gemm(gradient_, s.dy, Transpose::yes, s.x, Transpose::no, {.beta = 1}, ctx.compute);
  }
  void drop(int microbatch) override { saved_.erase(microbatch); }
  Tensor gradient() const { return gradient_; }

 private:
  struct Saved {
    Tensor x, dy;
  };
  Tensor weight_, gradient_;
  std::map<int, Saved> saved_;
};

HeldTensors run(const BlockAnswer& answer, const ProductBlock& all, RankContext& ctx) {
  const auto rank = static_cast<std::size_t>(ctx.tp.rank());
  const Tensor x = upload(all.x, all_of(all.x), ctx), dy = upload(all.dy, all_of(all.dy), ctx);
  StandIn norm1(all.norm1, ctx), norm2(all.norm2, ctx);
  StandIn attention(all.attention[rank], ctx), mlp(all.mlp[rank], ctx);
  const BlockParts parts{norm1, norm2, attention, mlp};
  ctx.begin_window();
  touch({x}, ctx);
  const auto forward = [&] {
    const auto scope = ctx.scope({.phase = Phase::forward});
    return answer.block_forward(x, parts, kMicrobatch, ctx);
  };
  const Tensor y = forward();
  touch({y, dy}, ctx);
  const auto backward = [&] {
    const auto scope = ctx.scope({.phase = Phase::backward_input});
    return answer.block_backward_input(dy, parts, kMicrobatch, ctx);
  };
  const Tensor dx = backward();
  touch({dx}, ctx);
  for (Layer* part : {&mlp, &norm2, &attention, &norm1}) part->backward_weight(kMicrobatch, ctx);
  ctx.end_window();
  return {{"y", y},
          {"dx", dx},
          {"gradient of norm1", norm1.gradient()},
          {"gradient of attention", attention.gradient()},
          {"gradient of norm2", norm2.gradient()},
          {"gradient of mlp", mlp.gradient()},
          {"x", x},
          {"dy", dy}};
}

std::map<std::string, Wanted64> want(const ProductBlock& all, int t, bool exact) {
  const ProductBlockResults results = product_block_results(all);
  const double roundings = exact ? 0 : product_block_roundings(t);
  const auto whole = [](const Table& table, double n) { return wanted(table, all_of(table), n); };
  return {{"y", whole(results.y, roundings)},
          {"dx", whole(results.dx, roundings)},
          {"gradient of norm1", whole(results.dnorm1, roundings)},
          {"gradient of attention", whole(results.dattention, roundings)},
          {"gradient of norm2", whole(results.dnorm2, roundings)},
          {"gradient of mlp", whole(results.dmlp, roundings)},
          {"x", whole(all.x, 0)},
          {"dy", whole(all.dy, 0)}};
}

// Two all-reduces of [T,D] each way. The parts and the answer return four each way, which are
// kept; one more is scratch.
std::vector<Budget> budgets() {
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp"};
  std::vector<Budget> all;
  for (const Phase phase : {Phase::forward, Phase::backward_input}) {
    const Collectives here{.kind = sums.kind, .axis = sums.axis, .phase = phase};
    all.push_back(calls_of(here, 2));
    all.push_back(bytes_of(here, 2 * 4 * T * D));
  }
  all.push_back(no_calls_but(sums));
  const Index given = 2 * T * D + 8 * D * D;
  all.push_back(bytes_held([=](int) { return 4.0 * static_cast<double>(given + 9 * T * D); }));
  return all;
}

std::string explain(const GridShape& grid, int rank, const std::string& name, std::size_t i,
                    double got) {
  const std::size_t row = i / D, column = i % D;
  if (name == "y" && row % 2 == 0 && column == 0) return text("x is in it ", got, " times");
  const bool in_y = name == "y" && row % 2 == 0 && (column == 1 || column == 2);
  if (!in_y && (name != "dx" || column != 0)) return "";
  std::vector<Term> terms = digits(grid, rank);
  terms.back().name = in_y ? "the residual x" : "the residual dy";
  const char* const part = (in_y ? column == 1 : row % 2 == 0) ? "attention" : "MLP";
  const std::string made = terms_in(got, terms);
  return made.empty() ? "" : text(made, "; ranks by their ", part);
}

const char* words(Data data) {
  if (data == Data::who) return "what rank r adds is 8^r";
  return data == Data::where ? "x and dy are their places" : words_of(data);
}

DeviceCase make_case(const BlockAnswer& answer, Data data, std::uint64_t seed, GridShape grid) {
  const auto numbers = [=](int rank) { return product_block(data, seed, grid, rank / grid.tp); };
  std::vector<std::map<std::string, Wanted64>> wanted;
  for (int rank = 0; rank < grid.ranks(); ++rank)
    wanted.push_back(want(numbers(rank), grid.tp, is_exact(data)));
  return {.name = text(words_of(grid), ", ", words(data)),
          .grid = grid,
          .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), ctx); },
          .want = [=](int rank) { return wanted[static_cast<std::size_t>(rank)]; },
          .budgets = budgets(),
          .explain =
              [=](int rank, const std::string& name, std::size_t i, double got) {
                return data == Data::who ? explain(grid, rank, name, i, got) : "";
              }};
}

std::vector<DeviceCase> cases_of(const BlockAnswer& answer, std::uint64_t seed) {
  return cases_on(usual_grids(), [&](Data data, const GridShape& grid) {
    return make_case(answer, data, seed, grid);
  });
}

}  // namespace

std::unique_ptr<Graded> graded_block() {
  return make_graded(cases_of, &BlockAnswer::block_forward, &BlockAnswer::block_backward_input);
}

}  // namespace shardpipe
