// The backward of a linear communication is its adjoint: <A x, y> = <x, A' y>, summed over ranks.
// A tensor that is the same on every rank is counted once; one that is split, or that holds another
// copy or another part of a sum on every rank, is counted on each. On integers both sides are equal
// exactly.
#include "core/tensor_parallel/linear.h"
#include "core/tensor_parallel/regions.h"
#include "tests/support/catch.h"
#include "tests/support/ranks.h"

namespace shardpipe {
namespace {

constexpr Index T = 3, F = 24;

enum class Space { same, parts, split };  // same on all ranks; other numbers on each; [T,F/t]
using Map = std::function<Tensor(Tensor, RankContext&)>;

struct AdjointPair {
  const char* name;
  Space x, y;
  Map forward, backward;
};

Tensor identity(Tensor x, RankContext&) { return x; }

Tensor all_reduced(Tensor x, RankContext& ctx) {
  Tensor sum(ctx.device, x.shape());
  ctx.math.copy(sum, x, ctx.compute);
  ctx.tp.all_reduce(sum, ctx.compute);
  return sum;
}

// By rows: [T,F] on each rank -> [T,F/t], elements of the sum in their order.
Tensor scattered(Tensor x, RankContext& ctx) {
  Tensor part(ctx.device, {T, F / ctx.tp.size()});
  ctx.tp.reduce_scatter(part, x, ctx.compute);
  return part;
}

Tensor gathered(Tensor x, RankContext& ctx) {
  Tensor whole(ctx.device, {T, F});
  ctx.tp.all_gather(whole, x, ctx.compute);
  return whole;
}

Tensor gather(Tensor x, RankContext& ctx) { return gather_columns(x, ctx); }
Tensor split(Tensor x, RankContext& ctx) { return own_columns(x, ctx); }

const AdjointPair kPairs[] = {
    {"copy / all-reduce", Space::same, Space::parts, identity, all_reduced},
    {"all-reduce / copy", Space::parts, Space::same, all_reduced, identity},
    {"split / all-gather", Space::same, Space::split, split, gather},
    {"all-gather / split", Space::split, Space::same, gather, split},
    {"reduce-scatter / all-gather", Space::parts, Space::split, scattered, gathered},
    {"all-gather / reduce-scatter", Space::split, Space::parts, gathered, scattered},
};

Tensor make(RankContext& ctx, Space space, const std::string& name) {
  if (space == Space::split) return make_columns(ctx, name, T, F, integers(9));
  return make_whole(ctx, space == Space::same ? name : text(name, ctx.rank), {T, F}, integers(9));
}

double product(RankContext& ctx, Space space, const Tensor& a, const Tensor& b) {
  const auto x = ctx.math.to_host(a, ctx.compute), y = ctx.math.to_host(b, ctx.compute);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += static_cast<double>(x[i]) * y[i];
  return space == Space::same && ctx.rank > 0 ? 0 : sum;
}

// Sums over ranks of <A x, y> and <x, A' y>.
std::pair<double, double> products(const AdjointPair& p, int tp) {
  std::vector<double> left(static_cast<std::size_t>(tp)), right = left;
  run_tp(tp, [&](RankContext& ctx) {
    const Tensor x = make(ctx, p.x, "x"), y = make(ctx, p.y, "y");
    const auto rank = static_cast<std::size_t>(ctx.rank);
    left[rank] = product(ctx, p.y, p.forward(x, ctx), y);
    right[rank] = product(ctx, p.x, x, p.backward(y, ctx));
    return RankResult{};
  });
  double a = 0, b = 0;
  for (std::size_t r = 0; r < left.size(); ++r) a += left[r], b += right[r];
  return {a, b};
}

// A linear layer without bias, as a map and its adjoint.
AdjointPair linear_pair(const char* name, Space x, Space y,
                        std::function<std::unique_ptr<Layer>(RankContext&)> make_layer) {
  auto filled = [make_layer](RankContext& ctx) {
    auto layer = make_layer(ctx);
    for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, integers(3));
    return layer;
  };
  return {name, x, y,
          [filled](Tensor in, RankContext& ctx) { return filled(ctx)->forward(in, 0, ctx); },
          [filled, x](Tensor dy, RankContext& ctx) {
            auto layer = filled(ctx);
            layer->forward(make(ctx, x, "any"), 0, ctx);
            return layer->backward_input(dy, 0, ctx);
          }};
}

std::function<std::unique_ptr<Layer>(RankContext&)> column(bool gather) {
  return [=](RankContext& ctx) {
    return std::make_unique<ColumnParallelLinear>(
        ctx, std::vector<OutputPart>{{.name = "linear", .outputs = F}}, F,
        ColumnOptions{.bias = false, .gather_output = gather});
  };
}

std::function<std::unique_ptr<Layer>(RankContext&)> row(bool parallel_input) {
  return [=](RankContext& ctx) {
    return std::make_unique<RowParallelLinear>(
        ctx, "linear", F, F, RowOptions{.bias = false, .input_is_parallel = parallel_input});
  };
}

void check(const AdjointPair& p) {
  for (const int tp : {3, 4, 8}) {
    const auto [left, right] = products(p, tp);
    INFO(p.name << " on " << tp << " ranks");
    CHECK(left == right);
    CHECK(left != 0);
  }
}

}  // namespace

TEST_CASE("adjoint: every communication and its backward") {
  for (const AdjointPair& p : kPairs) check(p);
}

TEST_CASE("adjoint: linear layers and their dx") {
  check(linear_pair("column", Space::same, Space::split, column(false)));
  check(linear_pair("column + gather", Space::same, Space::same, column(true)));
  check(linear_pair("row", Space::split, Space::same, row(true)));
  check(linear_pair("split + row", Space::same, Space::same, row(false)));
}

}  // namespace shardpipe
