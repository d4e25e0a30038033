// FusedBlock is TransformerBlock in fewer operations: the same bits, and on a modelled machine less
// time, where it is said to be.
#include "core/tensor_parallel/fused_block.h"

#include "core/cost/roofline.h"
#include "core/trace/stats.h"
#include "tests/support/layer_cases.h"
#include "tests/support/usage_error.h"
#include "tests/tensor_parallel/exact_layer.h"

namespace shardpipe {
namespace {

BlockOptions options_of(Family family, const LayerSizes& s, Index kv_heads,
                        DType dtype = DType::f32) {
  DecoderConfig model = model_of(s, family, kv_heads);
  model.dtype = dtype;
  return block_options(model);
}

using Make = std::function<std::unique_ptr<Layer>(RankContext&)>;

Make fused(const BlockOptions& o, FusedSum sum) {
  return [=](RankContext& ctx) { return std::make_unique<FusedBlock>(ctx, 0, o, sum); };
}
Make plain(const BlockOptions& o) {
  return [=](RankContext& ctx) { return std::make_unique<TransformerBlock>(ctx, 0, o); };
}

LayerCase case_of(const char* name, const Make& make, const LayerSizes& s) {
  return {.name = name, .make = make, .T = s.tokens, .D = s.features(), .F = s.features()};
}

constexpr LayerSizes kLarge = {.heads = 64, .head_size = 128, .ffn = 28672};  // as Llama 3 70B

struct Figures {
  std::int64_t wall_ns = 0;
  std::size_t operations = 0;  // of one rank, forward
};

// Forward of T tokens of one sequence on 8xH100, modelled. The run passes the race check.
Figures modelled(const Make& make, Index T, Index D) {
  const RunReport report = run_modelled({.grid = {.tp = 8}}, RooflineModel(load_hardware("8xH100")),
                                        [&](RankContext& ctx) {
                                          const auto block = make(ctx);
                                          Tensor x(ctx.device, {T, D}, DType::bf16);
                                          ctx.math.fill(x, 0, ctx.compute);
                                          ctx.begin_window();
                                          block->forward(x, 0, ctx);
                                          ctx.end_window();
                                        });
  return {report.trace.wall_ns, report.trace.spans.size() / 8};
}

}  // namespace

TEST_CASE("fused blocks give the plain one's numbers, all gradients, on 1, 2, 4 and 8 ranks") {
  const LayerSizes s;
  for (const Family family : {Family::gpt2, Family::llama})
    for (const Index kv_heads : {24, 2})
      for (const FusedSum sum : {FusedSum::all_reduce, FusedSum::one_shot}) {
        const BlockOptions o = options_of(family, s, kv_heads);
        check_equal(case_of("fused", fused(o, sum), s), case_of("plain", plain(o), s),
                    {1, 2, 4, 8});
      }
}

TEST_CASE("what a fused block sends: the same sums, or partial sums to all") {
  const LayerSizes s = {.tokens = 8, .sequence = 4, .heads = 8, .head_size = 2, .ffn = 24};
  const BlockOptions o = options_of(Family::llama, s, 8);
  const Index bytes = s.tokens * o.D * 4;
  for (const int tp : {2, 4}) {
    const auto sent = [&](FusedSum sum, Pass pass) {
      return traffic(case_of("fused", fused(o, sum), s), tp, pass);
    };
    const std::string sums = text("tp all_reduce 2 calls ", 2 * bytes, " bytes");
    CHECK(sent(FusedSum::all_reduce, Pass::forward) == sums);
    CHECK(sent(FusedSum::one_shot, Pass::forward) ==
          text("tp exchange 2 calls ", 2 * (tp - 1) * bytes, " bytes"));
    for (const FusedSum sum : {FusedSum::all_reduce, FusedSum::one_shot})
      CHECK(sent(sum, Pass::backward) == sums);
  }
}

TEST_CASE("fused blocks launch fewer operations, and are faster") {
  for (const Family family : {Family::gpt2, Family::llama})
    for (const Index T : {8, 64, 4096}) {
      LayerSizes s = kLarge;
      s.tokens = s.sequence = T;
      const BlockOptions o = options_of(family, s, 8, DType::bf16);
      const Figures apart = modelled(plain(o), T, o.D),
                    together = modelled(fused(o, FusedSum::all_reduce), T, o.D);
      INFO(T << " tokens: " << apart.wall_ns << " and " << together.wall_ns << " ns");
      // A residual addition is in the norm; with biases also those of both row linears are, and the
      // MLP's first bias and GELU are in the product.
      CHECK(apart.operations - together.operations == (family == Family::llama ? 1u : 5u));
      CHECK(together.wall_ns < apart.wall_ns);
    }
}

TEST_CASE("partial sums sent to all: faster for few tokens, slower for many") {
  const auto times = [](Index T) {
    LayerSizes s = kLarge;
    s.tokens = s.sequence = T;
    const BlockOptions o = options_of(Family::llama, s, 8, DType::bf16);
    return std::pair(modelled(fused(o, FusedSum::all_reduce), T, o.D).wall_ns,
                     modelled(fused(o, FusedSum::one_shot), T, o.D).wall_ns);
  };
  const auto [few_sums, few_gathers] = times(8);
  CHECK(few_gathers < few_sums);
  const auto [many_sums, many_gathers] = times(4096);
  CHECK(many_gathers > many_sums);
}

TEST_CASE("a fused block has no other style") {
  LayerSizes s;
  BlockOptions o = options_of(Family::llama, s, 24);
  o.mlp.twin.style = o.attention.twin.style = TpStyle::sequence_parallel;
  CHECK(lacks(usage_message([&] { run(2, case_of("fused", fused(o, FusedSum::one_shot), s)); }),
              {"paired", "plain"}) == "");
}

}  // namespace shardpipe
