// What surrounds the runner: the split into stages, sums over data-parallel ranks, clipping.
#include "core/cost/roofline.h"
#include "core/model/clip.h"
#include "core/model/optimizer.h"
#include "core/model/stage_split.h"
#include "tests/support/catch.h"
#include "tests/support/pipeline_cases.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

const DecoderConfig kModel = {.layers = 6,
                              .hidden = 32,
                              .ffn = 64,
                              .heads = 4,
                              .kv_heads = 1,
                              .vocabulary = 30,
                              .sequence = 8};

using Counts = std::vector<int>;

// The slowest stage of every way to cut, by trying them all.
double best_of_all(int layers, int stages, double head) {
  if (stages == 1) return layers + head;
  double best = 1e9;
  for (int first = 1; first <= layers - (stages - 1); ++first)
    best = std::min(best, std::max<double>(first, best_of_all(layers - first, stages - 1, head)));
  return best;
}

std::vector<Batch> batches_of(const PipelineCase& c) {
  std::vector<Batch> batches;
  for (int k = 0; k < c.options.microbatches * c.grid.dp; ++k)
    batches.push_back({tokens_of(c.config, k), targets_of(c.config, k)});
  return batches;
}

// Calls and bytes of one rank on one axis.
struct AxisTraffic {
  std::int64_t calls = 0, bytes = 0;
};
AxisTraffic traffic(const RunReport& report, int rank, const std::string& axis, OpKind kind) {
  for (const CommCount& c : report.ranks[static_cast<std::size_t>(rank)].communication)
    if (c.group == axis && c.kind == kind) return {c.calls, c.bytes};
  return {};
}

}  // namespace

TEST_CASE("layers are cut so that the slowest stage is as fast as can be") {
  CHECK(balance_layers(8, 4, 0) == Counts{2, 2, 2, 2});
  CHECK(balance_layers(8, 4, 1) == Counts{2, 2, 2, 2});
  CHECK(balance_layers(9, 4, 1) == Counts{3, 2, 2, 2});
  CHECK(balance_layers(10, 4, 2) == Counts{3, 3, 3, 1});
  CHECK(balance_layers(7, 2, 0) == Counts{4, 3});
  CHECK(balance_layers(4, 2, 10) == Counts{3, 1});  // a huge head: it still keeps one layer
  for (int layers = 1; layers <= 12; ++layers)
    for (int stages = 1; stages <= std::min(layers, 5); ++stages)
      for (const double head : {0.0, 0.3, 1.0, 2.5, 7.0}) {
        const Counts counts = balance_layers(layers, stages, head);
        int sum = 0;
        double slowest = counts.back() + head;
        for (const int n : counts) {
          CHECK(n >= 1);
          sum += n;
          slowest = std::max<double>(slowest, n);
        }
        INFO(layers << " layers, " << stages << " stages, head " << head);
        CHECK(sum == layers);
        CHECK(static_cast<int>(counts.size()) == stages);
        CHECK(slowest == Approx(best_of_all(layers, stages, head)));
      }
}

TEST_CASE("a split names each layer once, and refuses more stages than layers") {
  int next = 0;
  const auto ranges = split_into_stages(kModel, 4);
  for (const StageRange& r : ranges) {
    CHECK(r.first_layer == next);
    CHECK(r.first == (next == 0));
    next += r.layers;
    CHECK(r.last == (next == kModel.layers));
  }
  CHECK(split_into_stages(kModel, 6).size() == 6);
  CHECK(lacks(usage_message([] { split_into_stages(kModel, 7); }), {"--layers 6", "7 stages"}) ==
        "");
}

TEST_CASE("gradient sums over dp: calls and bytes of each way") {
  auto counts = [](GradientSyncKind kind, std::int64_t bucket_bytes) {
    const PipelineCase c = {
        .config = kModel,
        .grid = {.pp = 2, .dp = 2},
        .options = {.microbatches = 2, .gradient_sync = kind, .bucket_bytes = bucket_bytes}};
    Index parameters = 0, bytes = 0;
    const RunReport report = run_on_cpu({.grid = c.grid}, [&](RankContext& ctx) {
      PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
      model.fill(ctx, gpt2_init(1, c.config.layers));
      ctx.begin_window();
      model.forward_backward(batches_of(c), ctx);
      ctx.end_window();
      if (ctx.rank != 0) return;
      for (Parameter* p : model.parameters()) ++parameters, bytes += p->grad.bytes();
    });
    const AxisTraffic t = traffic(report, 0, "dp", OpKind::all_reduce);
    CHECK(t.bytes == bytes);
    return std::make_pair(t.calls, parameters);
  };
  using enum GradientSyncKind;
  const auto [plain_calls, parameters] = counts(plain, 1);
  CHECK(plain_calls == parameters);
  CHECK(counts(bucketed, 1).first == parameters);
  CHECK(counts(bucketed, 1 << 30).first == 1);
  CHECK(counts(overlapped, 1 << 30).first == 1);
  const std::int64_t some = counts(bucketed, 8000).first;
  CHECK(some > 1);
  CHECK(some < parameters);
  CHECK(counts(overlapped, 8000).first == some);
}

// Weights, boundaries and what stands between ranks are bf16; gradients are what the recipe says.
TEST_CASE("bytes of a step in bf16: boundaries halve, gradient sums only under the lean recipe") {
  struct Bytes {
    std::int64_t tp, pp, dp, embedding;
    bool operator==(const Bytes&) const = default;
  };
  auto bytes_of = [](DType dtype, OptimizerRecipe recipe) {
    PipelineCase c = {
        .config = kModel, .grid = {.tp = 2, .pp = 2, .dp = 2}, .options = {.microbatches = 2}};
    c.config.dtype = dtype;
    c.config.recipe = recipe;
    Index weights = 0;
    const RunReport report = run_on_cpu({.grid = c.grid}, [&](RankContext& ctx) {
      PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
      model.fill(ctx, gpt2_init(1, c.config.layers));
      ctx.begin_window();
      model.forward_backward(batches_of(c), ctx);
      ctx.end_window();
      if (ctx.rank != 0) return;
      for (Parameter* p : model.parameters()) weights += p->value.elements();
    });
    const auto sums = [&](const char* axis) {
      return traffic(report, 0, axis, OpKind::all_reduce).bytes;
    };
    const Bytes bytes = {.tp = sums("tp"),
                         .pp = traffic(report, 0, "pp", OpKind::exchange).bytes,
                         .dp = sums("dp"),
                         .embedding = sums("embedding")};
    return std::make_pair(bytes, weights);
  };
  const auto [f32, weights] = bytes_of(DType::f32, OptimizerRecipe::full);
  CHECK(f32.dp == 4 * weights);
  CHECK(f32.pp == 2 * tokens_of(kModel) * kModel.hidden * 4);
  CHECK(f32.embedding == kModel.vocabulary / 2 * kModel.hidden * 4);
  const Bytes full = bytes_of(DType::bf16, OptimizerRecipe::full).first;
  CHECK(full == Bytes{f32.tp / 2, f32.pp / 2, f32.dp, f32.embedding});
  const Bytes lean = bytes_of(DType::bf16, OptimizerRecipe::lean).first;
  CHECK(lean == Bytes{f32.tp / 2, f32.pp / 2, f32.dp / 2, f32.embedding / 2});
}

TEST_CASE("overlapped gradient sums hide under backward") {
  class Costs : public CostModel {
    std::int64_t duration_ns(const OpInfo& op) const override {
      return op.kind == OpKind::all_reduce ? 500 : 1000;
    }
  };
  auto time_of = [](GradientSyncKind kind) {
    const PipelineCase c = {
        .config = kModel,
        .grid = {.dp = 2},
        .options = {.microbatches = 2, .gradient_sync = kind, .bucket_bytes = 10000}};
    const RunReport report = run_modelled({.grid = c.grid}, Costs(), [&](RankContext& ctx) {
      PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
      ctx.begin_window();
      model.forward_backward(batches_of(c), ctx);
      ctx.end_window();
    });
    return std::make_pair(report.trace.wall_ns, traffic(report, 0, "dp", OpKind::all_reduce).calls);
  };
  const auto [bucketed, calls] = time_of(GradientSyncKind::bucketed);
  const auto [overlapped, same_calls] = time_of(GradientSyncKind::overlapped);
  CHECK(calls > 4);
  CHECK(same_calls == calls);
  // All are hidden but the last bucket, which is full only when backward ends.
  CHECK(overlapped == bucketed - (calls - 1) * 500);
}

// `modelled` checks every run for operations on the same bytes that nothing orders.
TEST_CASE("a training step waits for all it reads: gradients summed, messages arrived") {
  const RooflineModel costs(load_hardware("8xH100"));
  using enum GradientSyncKind;
  for (const GradientSyncKind sync : {plain, bucketed, overlapped})
    for (const P2p p2p : {P2p::blocking, P2p::one_lane, P2p::prefetch}) {
      const PipelineCase c = {
          .config = kModel,
          .grid = {.pp = 2, .dp = 2},
          .options = {.microbatches = 4, .p2p = p2p, .gradient_sync = sync, .bucket_bytes = 10000}};
      CHECK_NOTHROW(run_modelled({.grid = c.grid}, costs, [&](RankContext& ctx) {
        PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
        model.fill(ctx, gpt2_init(1, c.config.layers));
        AdamW optimizer(ctx, model.parameters(), {});
        for (int step = 0; step < 2; ++step) {
          model.mean_loss(model.forward_backward(batches_of(c), ctx), ctx);
          clip_by_global_norm(ctx, model.parameters(), 1);
          optimizer.step(ctx);
        }
      }));
    }
}

TEST_CASE("a scattered boundary sends 1/t of the bytes") {
  auto sent = [](bool scatter) {
    const PipelineCase c = {.config = kModel,
                            .grid = {.tp = 2, .pp = 2},
                            .options = {.microbatches = 2, .scatter = scatter}};
    const RunReport report = run_on_cpu({.grid = c.grid}, [&](RankContext& ctx) {
      PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
      model.fill(ctx, gpt2_init(1, c.config.layers));
      ctx.begin_window();
      model.forward_backward(batches_of(c), ctx);
      ctx.end_window();
    });
    return traffic(report, 0, "pp", OpKind::exchange).bytes;
  };
  const Index boundary = tokens_of(kModel) * kModel.hidden * 4;
  CHECK(sent(false) == 2 * boundary);
  CHECK(sent(true) == boundary);
}

TEST_CASE("clipping: every grid finds the norm of one rank, and each weight counts once") {
  constexpr float kMost = 0.05f;
  auto norms_and_gradients = [](GridShape grid, const char* schedule) {
    const PipelineCase c = {.config = kModel,
                            .grid = grid,
                            .options = {.schedule = schedule, .microbatches = 8 / grid.dp}};
    std::vector<double> norms(static_cast<std::size_t>(grid.ranks()));
    const TpRun run = run_grid(grid, [&](RankContext& ctx) {
      PipelineDecoder model(ctx, c.config, tokens_of(c.config), c.options);
      model.fill(ctx, gpt2_init(5, c.config.layers));
      model.forward_backward(batches_of(c), ctx);
      const Tensor sum = clip_by_global_norm(ctx, model.parameters(), kMost);
      norms[static_cast<std::size_t>(ctx.rank)] =
          std::sqrt(static_cast<double>(ctx.math.to_host(sum, ctx.compute)[0]));
      RankResult result;
      hold_gradients(ctx, model.parameters(), result);
      return result;
    });
    return std::make_pair(norms, run);
  };
  const auto [one_norm, one] = norms_and_gradients({}, "1f1b");
  const HostTensors want = whole_tensors(one);
  CHECK(one_norm[0] > 2 * kMost);  // else nothing is clipped
  double squares = 0;
  for (const auto& [name, tensor] : want)
    for (const float g : tensor.values) squares += static_cast<double>(g) * static_cast<double>(g);
  CHECK(std::sqrt(squares) == Approx(kMost).epsilon(1e-5));
  const std::vector<std::pair<GridShape, const char*>> grids = {
      {{.tp = 4}, "1f1b"},
      {{.pp = 2}, "1f1b"},
      {{.tp = 2, .pp = 2, .dp = 2}, "1f1b"},
      {{.pp = 2}, "dualpipe"},
      {{.tp = 4, .pp = 2}, "zb_h1"}};
  for (const auto& [grid, schedule] : grids)
    for (const double norm : norms_and_gradients(grid, schedule).first) {
      INFO(schedule << " tp " << grid.tp << " pp " << grid.pp << " dp " << grid.dp);
      CHECK(norm == Approx(one_norm[0]).epsilon(1e-5));
    }
}

}  // namespace shardpipe
