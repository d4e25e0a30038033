// Whole programs on the cuda backend: layers split over ranks, the trace, memory.
#include <cmath>

#include "core/base/random.h"
#include "core/tensor_parallel/block.h"
#include "core/tensor_parallel/linear.h"
#include "tests/backends/cuda/here.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// Small integers: products of two linears stay exact in f32, so every order of summing gives the
// same bits.
float integer_fill(const std::string& name, Index i) {
  return static_cast<float>(random_bits(3, stream_of(name), static_cast<std::uint64_t>(i)) % 5) - 2;
}

std::vector<float> integers(Index n, std::uint64_t stream) {
  std::vector<float> v;
  for (Index i = 0; i < n; ++i)
    v.push_back(static_cast<float>(random_bits(4, stream, static_cast<std::uint64_t>(i)) % 7) - 3);
  return v;
}

// Full tensors by name, put together from the shards of all ranks.
class Full {
 public:
  void add(RankContext& ctx, const Parameter& p) {
    const auto grad = ctx.math.to_host(p.grad, ctx.compute);
    const std::lock_guard lock(mutex_);
    for (const Piece& piece : p.pieces(ctx.coord.tp)) {
      if (!piece.counts) continue;
      auto& whole = tensors[piece.name];
      whole.resize(static_cast<std::size_t>(piece.full.elements()));
      for_each_number(piece, p.value.shape(), [&](Index full, Index local) {
        whole[static_cast<std::size_t>(full)] = grad[static_cast<std::size_t>(local)];
      });
    }
  }
  void add(const std::string& name, const std::vector<float>& v) {
    const std::lock_guard lock(mutex_);
    tensors[name] = v;
  }
  std::map<std::string, std::vector<float>> tensors;

 private:
  std::mutex mutex_;
};

using Run = RunReport (*)(const RunOptions&, const RankProgram&);
using Make = std::function<std::unique_ptr<Layer>(RankContext&)>;

// y, dx and all gradients of a layer on [T,D].
std::map<std::string, std::vector<float>> step_of(Run run, int tp, Index T, Index D,
                                                  const Make& make, const Fill& fill) {
  Full full;
  run({.grid = {.tp = tp}}, [&](RankContext& ctx) {
    auto layer = make(ctx);
    for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, fill);
    Tensor x(ctx.device, {T, D}), dy(ctx.device, {T, D});  // [T,D]
    ctx.math.upload(x, integers(T * D, 1), ctx.compute);
    ctx.math.upload(dy, integers(T * D, 2), ctx.compute);
    Tensor y = layer->forward(x, 0, ctx), dx = layer->backward(dy, 0, ctx);
    layer->reduce_replicated_gradients(ctx);
    full.add(text("y of rank ", ctx.rank), ctx.math.to_host(y, ctx.compute));
    full.add(text("dx of rank ", ctx.rank), ctx.math.to_host(dx, ctx.compute));
    for (Parameter* p : layer->parameters()) full.add(ctx, *p);
  });
  for (int r = 1; r < tp; ++r)
    for (const char* name : {"y", "dx"}) {
      CHECK(full.tensors.at(text(name, " of rank ", r)) ==
            full.tensors.at(text(name, " of rank 0")));
      full.tensors.erase(text(name, " of rank ", r));
    }
  return full.tensors;
}

std::unique_ptr<Layer> two_linears(RankContext& ctx) {
  constexpr Index D = 10, F = 24;
  auto both = std::make_unique<Sequential>();
  both->add(std::make_unique<ColumnParallelLinear>(
      ctx, std::vector<OutputPart>{{.name = "up", .outputs = F}}, D, ColumnOptions{}));
  both->add(std::make_unique<RowParallelLinear>(ctx, "down", F, D, RowOptions{}));
  return both;
}

std::unique_ptr<Layer> block(RankContext& ctx) {
  return std::make_unique<TransformerBlock>(
      ctx, 0,
      BlockOptions{.D = 24, .F = 36, .attention = {.heads = 6, .kv_heads = 6, .sequence = 5}});
}

}  // namespace

TEST_CASE("cuda: two linears over 2, 3 and 4 ranks give the bits of one rank, forward and back") {
  const auto one = step_of(run_here, 1, 7, 10, two_linears, integer_fill);
  REQUIRE(one.size() == 6);  // y, dx, two weights, two biases
  CHECK(one == step_of(run_on_cpu, 1, 7, 10, two_linears, integer_fill));
  for (const int tp : {2, 3, 4}) {
    INFO("tp " << tp);
    CHECK(step_of(run_here, tp, 7, 10, two_linears, integer_fill) == one);
  }
}

TEST_CASE("cuda: a transformer block agrees with the cpu backend") {
  for (const int tp : {1, 3}) {
    const auto want = step_of(run_on_cpu, tp, 10, 24, block, gpt2_init(1, 1));
    const auto got = step_of(run_here, tp, 10, 24, block, gpt2_init(1, 1));
    REQUIRE(got.size() == want.size());
    // Of all tensors: some gradients are sums that cancel (a key bias's is zero but for rounding).
    double largest = 0;
    for (const auto& [name, numbers] : want)
      for (const float x : numbers) largest = std::max(largest, std::abs(double{x}));
    for (const auto& [name, numbers] : want) {
      double worst = 0;
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double error = std::abs(double{got.at(name)[i]} - numbers[i]);
        if (!(error <= worst)) worst = error;  // a NaN is kept
      }
      INFO("tp " << tp << ", " << name);
      CHECK(worst <= 1e-4 * largest);
    }
  }
}

TEST_CASE("cuda: the trace has every operation of the window, in order") {
  const int ranks = 3, steps = 4;
  const RunReport report = run_here({.grid = {.tp = ranks}}, [&](RankContext& ctx) {
    Tensor t(ctx.device, {100});
    ctx.math.fill(t, 1, ctx.compute);
    ctx.tp.all_reduce(t, ctx.compute);  // before the window
    ctx.begin_window();
    for (int step = 0; step < steps; ++step) {
      ctx.math.scale(t, t, 0.5f, ctx.compute);
      ctx.comm.wait(ctx.compute.record());  // t is scaled
      ctx.tp.all_reduce(t, ctx.comm);
      ctx.compute.wait(ctx.comm.record());  // t is summed
    }
    ctx.end_window();
    ctx.math.scale(t, t, 0.5f, ctx.compute);  // after it
  });
  const Trace& trace = report.trace;
  CHECK(trace.wall_ns > 0);
  CHECK(trace.lanes.size() == 2 * ranks);
  int scales = 0, reduces = 0;
  for (const Span& span : trace.spans) {
    const std::string& name = trace.names[static_cast<std::size_t>(span.name)];
    scales += name == "scale";
    reduces += span.kind == OpKind::all_reduce;
    CHECK(span.posted_ns <= span.ready_ns);
    CHECK(span.ready_ns <= span.end_ns);
  }
  CHECK(scales == ranks * steps);
  CHECK(reduces == ranks * steps);
  for (const RankReport& rank : report.ranks) {
    REQUIRE(rank.communication.size() == 1);
    CHECK(rank.communication[0].calls == steps);
  }
}

TEST_CASE("cuda: memory is reused, and is not reused too early") {
  const RunReport report = run_here({.record_trace = false}, [](RankContext& ctx) {
    const Index n = 1000;
    Tensor sum(ctx.device, {n});  // [n]
    ctx.math.fill(sum, 0, ctx.compute);
    for (int step = 0; step < 3000; ++step) {  // more than may be in flight
      Tensor one(ctx.device, {n});             // its block is used again by a later step
      ctx.math.fill(one, 1, ctx.comm);
      ctx.compute.wait(ctx.comm.record());  // one is filled
      ctx.math.add(sum, sum, one, ctx.compute);
    }
    for (const float x : ctx.math.to_host(sum, ctx.compute))
      if (x != 3000) fail(text("sum is ", x));
  });
  CHECK(report.ranks[0].live_bytes == 0);
  CHECK(report.ranks[0].peak_bytes == 8000);
  CHECK(report.ranks[0].physical_bytes > 0);
  CHECK(report.ranks[0].physical_bytes < 2000 * 4096);
  CHECK(report.trace.spans.empty());
}

}  // namespace shardpipe
