// The model of memory against the allocator, to the byte, on every rank; and what follows from it.
#include "core/plan/layer_memory.h"
#include "core/schedule/builders.h"
#include "core/schedule/simulator.h"
#include "tests/plan/memory_cases.h"
#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

DecoderConfig with(DecoderConfig config, const std::function<void(DecoderConfig&)>& change) {
  change(config);
  return config;
}

// Uses of bytes at the worst moment of rank 0, and the whole step's.
struct Shares {
  std::int64_t states, stash, working, message;
};
Shares shares(const PipelineCase& c, std::size_t rank) {
  const MemoryEstimate e = estimate(c).at(rank);
  return {e.weights + e.gradients + e.optimizer, e.step.worst[Use::stash],
          e.step.worst[Use::working], e.step.worst[Use::message]};
}

}  // namespace

TEST_CASE("predicted peak = measured: every schedule, grid and family, with recomputation or not") {
  const std::vector<GridShape> grids = {{},
                                        {.tp = 2},
                                        {.pp = 2},
                                        {.tp = 2, .pp = 2},
                                        {.pp = 2, .dp = 2},
                                        {.pp = 4},
                                        {.tp = 4, .pp = 4, .dp = 2}};
  int cases = 0;
  for (const DecoderConfig& config : {kGpt2, kLlama})
    for (const GridShape grid : grids)
      for (PipelineCase& c : all_schedules(config, grid, 2 * grid.pp))
        for (const bool recompute : {false, true}) {
          c.options.recompute = recompute;
          CHECK(first_difference(c, measure(c, /*modelled=*/true)) == "");
          ++cases;
        }
  CHECK(cases == 2 * 2 * (5 * 13 + 2 * 12));  // dualpipe wants an even pipeline
}

TEST_CASE("sequence parallelism: predicted peak = measured, every schedule, recomputed or not") {
  int cases = 0;
  for (DecoderConfig config : {kGpt2, kLlama})
    for (const GridShape grid :
         {GridShape{}, {.tp = 2}, {.tp = 2, .pp = 2}, {.tp = 4, .pp = 2, .dp = 2}}) {
      config.twin.style = TpStyle::sequence_parallel;
      for (PipelineCase& c : all_schedules(config, grid, 2 * grid.pp))
        for (const bool recompute : {false, true}) {
          c.options.recompute = recompute;
          CHECK(first_difference(c, measure(c, /*modelled=*/true)) == "");
          ++cases;
        }
    }
  CHECK(cases > 100);
}

TEST_CASE("types and recipes: predicted peak = measured, and the bytes a weight takes") {
  struct Way {
    DType dtype;
    OptimizerRecipe recipe;
    std::int64_t value, gradient, states;
  };
  using enum OptimizerRecipe;
  for (const Way& way : {Way{DType::f32, full, 4, 4, 8}, Way{DType::f32, lean, 4, 4, 8},
                         Way{DType::bf16, full, 2, 4, 12}, Way{DType::bf16, lean, 2, 2, 8}})
    for (DecoderConfig config : {kGpt2, kLlama})
      for (const GridShape grid : {GridShape{}, {.tp = 2, .pp = 2, .dp = 2}, {.tp = 4, .pp = 4}})
        for (PipelineCase& c : all_schedules(config, grid, 2 * grid.pp)) {
          c.config.dtype = way.dtype;
          c.config.recipe = way.recipe;
          c.options.gradient_sync = GradientSyncKind::bucketed;
          CHECK(first_difference(c, measure(c, /*modelled=*/true)) == "");
          for (const MemoryEstimate& e : estimate(c)) {
            const std::int64_t weights = e.weights / way.value;
            CHECK(e.gradients == weights * way.gradient);
            CHECK(e.optimizer == weights * way.states);
          }
        }
}

TEST_CASE("ways to send: what waits to be sent, and what is posted ahead, counts") {
  for (PipelineCase& c : all_schedules(kGpt2, {.tp = 2, .pp = 4}, 8))
    for (const P2p p2p : {P2p::blocking, P2p::one_lane, P2p::prefetch})
      for (const bool scatter : {false, true})
        for (const bool grouped : {false, true}) {
          c.options.p2p = p2p;
          c.options.scatter = scatter;
          c.options.group_messages = grouped;
          CHECK(first_difference(c, measure(c, true)) == "");
        }
}

TEST_CASE("odd shapes: chunks, buckets, bf16, other orders of the grid, a tiny vocabulary") {
  PipelineCase c = {
      .config = kGpt2, .grid = {.tp = 2, .pp = 2, .dp = 2}, .options = {.microbatches = 4}};
  const auto holds = [](const PipelineCase& changed) {
    CHECK(first_difference(changed, measure(changed, true)) == "");
  };
  c.options.gradient_sync = GradientSyncKind::overlapped;
  c.options.bucket_bytes = 10000;
  holds(c);
  c.order = parse_order("pp-dp-tp");
  holds(c);
  c.config.dtype = DType::bf16;
  holds(c);
  c.config.vocabulary = 1;
  holds(c);
  c.options.schedule = "interleaved_1f1b";
  c.options.chunks = 5;
  holds(c);
  c.options.group = 4;
  holds(c);
}

TEST_CASE("each use of memory dominates somewhere, and is right there") {
  using std::max;
  const PipelineOptions gpipe = {.schedule = "gpipe", .microbatches = 16};
  const PipelineCase narrow = {
      .config = with(kGpt2, [](auto& c) { c.sequence = 4; }), .grid = {.pp = 2}, .options = {}};
  const PipelineCase many = {.config = kGpt2, .grid = {.pp = 2}, .options = gpipe};
  const PipelineCase long_ones = {.config = with(kGpt2, [](auto& c) { c.sequence = 512; }),
                                  .grid = {.pp = 2},
                                  .options = gpipe};
  const PipelineCase again = {
      .config = with(kGpt2, [](auto& c) { c.sequence = 256, c.layers = 2; }),
      .grid = {.pp = 2},
      .options = {.microbatches = 2, .recompute = true}};
  const PipelineCase words = {
      .config = with(kLlama, [](auto& c) { c.vocabulary = 20000, c.layers = 2, c.sequence = 256; }),
      .grid = {.pp = 2},
      .options = {.microbatches = 2, .recompute = true}};
  for (const PipelineCase& c : {narrow, many, long_ones, again, words})
    CHECK(first_difference(c, measure(c, true)) == "");
  CHECK(shares(narrow, 0).states > 10 * shares(narrow, 0).stash);
  CHECK(shares(many, 0).stash > 5 * shares(many, 0).states);
  const TensorBytes n = tensor_bytes(long_ones.config, tokens_of(long_ones.config), 1);
  CHECK(2 * n.p > kept_by_block(n));  // attention probabilities are most of a stash
  CHECK(shares(again, 0).working > 2 * max(shares(again, 0).states, shares(again, 0).stash));
  const TensorBytes w = tensor_bytes(words.config, tokens_of(words.config), 1);
  CHECK(2 * w.logits > shares(words, 1).stash);
  CHECK(shares(words, 1).stash > shares(words, 1).working);
}

TEST_CASE("what a block keeps is its formula") {
  for (const DecoderConfig& config : {kGpt2, kLlama}) {
    const TensorBytes n = tensor_bytes(config, tokens_of(config), 1);
    Ledger ledger;
    ledger.make(Use::stash, n.x);
    block_forward(ledger, n, Use::stash);
    CHECK(ledger.live()[Use::stash] == kept_by_block(n) + n.x);  // x; y, which is the next one's x
    CHECK(ledger.live().total() == ledger.live()[Use::stash]);
    ledger.make(Use::working, n.x);  // dy
    block_input_gradient(ledger, n);
    CHECK(ledger.live()[Use::stash] == kept_for_weights(n) + n.x);
    CHECK(kept_for_weights(n) - kept_by_block(n) == 4 * n.x - n.p);
    block_weight_gradient(ledger, n);
    CHECK(ledger.live()[Use::stash] == n.x);
  }
}

TEST_CASE(
    "16-bit elements: s b h (8 + 24/t + 2 a s / (h t)), the published formula without dropout") {
  const DecoderConfig gpt = {
      .hidden = 512, .ffn = 2048, .heads = 8, .kv_heads = 8, .sequence = 128, .dtype = DType::bf16};
  constexpr double s = 128, b = 3, h = 512, a = 8;
  for (const int t : {1, 2, 4, 8}) {
    const TensorBytes n = tensor_bytes(gpt, 3 * 128, t);
    const double ours = static_cast<double>(kept_by_block(n) - 2 * n.stats);
    CHECK(ours == s * b * h * (8 + 24.0 / t + 2 * a * s / (h * t)));
    const double theirs = s * b * h * (10 + 24.0 / t + 5 * a * s / (h * t));
    const double masks = s * b * h * 2, dropped = s * b * h * 3 * a * s / (h * t);
    CHECK(theirs - ours == masks + dropped);
    DecoderConfig split = gpt;
    split.twin.style = TpStyle::sequence_parallel;
    const TensorBytes m = tensor_bytes(split, 3 * 128, t);
    CHECK(static_cast<double>(kept_by_block(m) - 2 * m.stats) ==
          s * b * h * (32.0 / t + 2 * a * s / (h * t)));
  }
}

TEST_CASE(
    "recomputation saves all of a block but x, for each pair in flight but the one it makes "
    "again") {
  PipelineCase c = {.config = with(kGpt2, [](auto& k) { k.layers = 4, k.sequence = 64; }),
                    .grid = {.pp = 2},
                    .options = {.schedule = "gpipe", .microbatches = 8}};
  const auto keep = estimate(c).at(0);
  c.options.recompute = true;
  const auto again = estimate(c).at(0);
  const TensorBytes n = tensor_bytes(c.config, tokens_of(c.config), 1);
  const std::int64_t saved = kept_by_block(n) - kept_for_recomputation(n);
  CHECK(keep.step.worst[Use::stash] - again.step.worst[Use::stash] == 8 * 2 * saved);
  CHECK(again.step.worst[Use::working] - keep.step.worst[Use::working] <= saved);
  // Halves of backward: what waits for W is kept in full, made again or not. On the last rank of
  // zb_h1, where I follows F at once, recomputation costs time and saves nothing.
  c.options.schedule = "zb_h1";
  const auto split_again = estimate(c);
  c.options.recompute = false;
  CHECK(split_again.at(0).total() < estimate(c).at(0).total());
  CHECK(split_again.at(1).total() == estimate(c).at(1).total());
}

TEST_CASE("peak in flight is the simulator's; times an average it is not the memory") {
  const PipelineCase c = {
      .config = with(kLlama, [](auto& k) { k.vocabulary = 2000, k.layers = 4; }),
      .grid = {.pp = 4},
      .options = {.microbatches = 8}};
  const auto ranks = estimate(c);
  const Timing timing = simulate(build_schedule("1f1b", 4, 8, 1), {});
  for (std::size_t r = 0; r < 4; ++r)
    CHECK(ranks[r].step.peak_in_flight == timing.peak_in_flight[r]);
  // The last stage has the logits of its one micro-batch, which an average spreads over all.
  const TensorBytes n = tensor_bytes(c.config, tokens_of(c.config), 1);
  const std::int64_t average = kept_by_block(n) + n.logits / 4;
  CHECK(ranks[3].step.peak_in_flight == 1);
  CHECK(ranks[3].step.worst[Use::stash] > 3 * average / 2);
  CHECK(4 * ranks[0].step.worst[Use::stash] < 3 * 4 * average);
}

TEST_CASE("keys and values a token, and what the model refuses") {
  const DecoderConfig big = {.family = Family::llama,
                             .layers = 80,
                             .hidden = 8192,
                             .ffn = 28672,
                             .heads = 64,
                             .kv_heads = 8,
                             .vocabulary = 128256,
                             .sequence = 4096,
                             .tied = false,
                             .dtype = DType::bf16};
  CHECK(kv_cache_bytes_per_token(big, 80, 1) == 327680);
  CHECK(kv_cache_bytes_per_token(big, 80, 8) == 40960);
  CHECK(kv_cache_bytes_per_token(big, 80, 16) == 40960);  // 8 heads: two ranks hold each
  Index weights = 0;
  for (const ServingEstimate& e : serving_memory(big, {.pp = 4})) weights += e.weights;
  CHECK(weights == 2 * count_parameters(big));
  const auto refusal = [](const DecoderConfig& config, const char* schedule, Index tokens) {
    return usage_message([&] {
      training_memory(config, {.pp = 2}, {.schedule = schedule, .microbatches = 2}, tokens,
                      OptimizerStates::none);
    });
  };
  CHECK(lacks(refusal(kGpt2, "forward_only", 64), {"does not train"}) == "");
  CHECK(lacks(refusal(kGpt2, "1f1b", 33), {"33 tokens", "sequences of 32"}) == "");
  CHECK(lacks(refusal(with(kGpt2, [](auto& c) { c.paired = false; }), "1f1b", 64), {"paired"}) ==
        "");
  const auto ring = with(kGpt2, [](auto& c) { c.twin.style = TpStyle::collective_matmul; });
  CHECK(lacks(refusal(ring, "1f1b", 64), {"collective-matmul", "sequence-parallel"}) == "");
  const auto fused = with(kGpt2, [](auto& c) { c.fused = true; });
  CHECK(lacks(refusal(fused, "1f1b", 64), {"fused"}) == "");
}

}  // namespace shardpipe
