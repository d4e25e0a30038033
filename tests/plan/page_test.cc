// docs/memory.md: its tables are computed. One stands between
//   <!-- computed: blocks | sequence | depth | halves | training | recipes | serving -->   and <!--
//   end -->
// and this test holds it against the model. LAB_UPDATE_TABLES=1 ./build/test_plan rewrites them.
#include <algorithm>
#include <cstdio>
#include <limits>

#include "core/model/stage_split.h"
#include "core/plan/memory_model.h"
#include "core/plan/weight_bytes.h"
#include "tests/support/catch.h"
#include "tests/support/computed_page.h"

namespace shardpipe {
namespace {

constexpr Index kTokens = 4096;  // of a micro-batch: one sequence
constexpr double kGB = 1e9;

const DecoderConfig kModel = {.family = Family::llama,
                              .layers = 80,
                              .hidden = 8192,
                              .ffn = 28672,
                              .heads = 64,
                              .kv_heads = 8,
                              .vocabulary = 128256,
                              .sequence = kTokens,
                              .tied = false,
                              .dtype = DType::bf16};

std::string gb(std::int64_t bytes) {
  char buffer[32];
  const double amount = static_cast<double>(bytes) / kGB;
  std::snprintf(buffer, sizeof buffer, amount < 10 ? "%.2f" : "%.1f", amount);
  return buffer;
}

std::string row(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + cell + " |";
  return out + "\n";
}

std::string head(const std::vector<std::string>& cells) {
  std::string rule = "|";
  for (std::size_t i = 0; i < cells.size(); ++i) rule += "---|";
  return row(cells) + rule + "\n";
}

std::string name_of(GridShape g) { return text("tp ", g.tp, ", pp ", g.pp); }

MemoryEstimate worst_rank(GridShape grid, const PipelineOptions& options,
                          const DecoderConfig& model = kModel) {
  const auto ranks = training_memory(model, grid, options, kTokens, OptimizerStates::adamw);
  return *std::max_element(ranks.begin(), ranks.end(),
                           [](const auto& a, const auto& b) { return a.total() < b.total(); });
}

// What one block keeps of one micro-batch.
std::string blocks() {
  std::string out = head({"t", "not split", "split", "p", "kept", "kept without p", "recomputed"});
  for (const int t : {1, 2, 4, 8}) {
    const TensorBytes n = tensor_bytes(kModel, kTokens, t);
    const std::int64_t whole = 4 * n.x + 2 * n.stats, kept = kept_by_block(n);
    out += row({text(t), gb(whole), gb(kept - whole - n.p), gb(n.p), gb(kept), gb(kept - n.p),
                gb(kept_for_recomputation(n))});
  }
  return out;
}

// What sequence parallelism leaves of it, in a block and in a step on 4 stages.
std::string sequence() {
  std::string out = head({"t", "a block without p", "sequence parallel", "a step: stash",
                          "sequence parallel", "working", "sequence parallel"});
  DecoderConfig split = kModel;
  split.twin.style = TpStyle::sequence_parallel;
  for (const int t : {1, 2, 4, 8}) {
    std::vector<std::string> block, stash, working;
    for (const DecoderConfig& config : {kModel, split}) {
      const TensorBytes n = tensor_bytes(config, kTokens, t);
      block.push_back(gb(kept_by_block(n) - n.p));
      const BytesByUse worst = training_memory(config, {.tp = t, .pp = 4}, {.microbatches = 16},
                                               kTokens, OptimizerStates::none)
                                   .front()
                                   .step.worst;
      stash.push_back(gb(worst[Use::stash]));
      working.push_back(gb(worst[Use::working]));
    }
    out += row({text(t), block[0], block[1], stash[0], stash[1], working[0], working[1]});
  }
  return out;
}

std::string training() {
  std::string out = head({"grid", "recompute", "weights", "gradients", "AdamW", "stash", "messages",
                          "working", "peak"});
  const std::vector<GridShape> grids = {{.tp = 8},          {.tp = 4, .pp = 2}, {.tp = 2, .pp = 4},
                                        {.tp = 8, .pp = 4}, {.tp = 4, .pp = 8}, {.tp = 8, .pp = 8}};
  for (const GridShape grid : grids)
    for (const bool recompute : {false, true}) {
      const MemoryEstimate e = worst_rank(grid, {.microbatches = 16, .recompute = recompute});
      const BytesByUse& b = e.step.worst;
      out += row({name_of(grid), recompute ? "yes" : "no", gb(e.weights), gb(e.gradients),
                  gb(e.optimizer), gb(b[Use::stash]), gb(b[Use::message]), gb(b[Use::working]),
                  gb(e.total())});
    }
  return out;
}

// Activations of rank 0 as the pipeline gets deeper.
std::string depth() {
  std::string out = head({"p", "layers of rank 0", "1f1b: in flight", "stash", "gpipe: in flight",
                          "stash", "1f1b recomputed: stash"});
  for (const int p : {1, 2, 4, 8}) {
    const auto first = [&](const char* schedule, bool recompute) {
      return training_memory(kModel, {.tp = 8, .pp = p},
                             {.schedule = schedule, .microbatches = 16, .recompute = recompute},
                             kTokens, OptimizerStates::none)
          .front()
          .step;
    };
    const StepMemory one_f = first("1f1b", false), gpipe = first("gpipe", false);
    out += row({text(p), text(split_into_stages(kModel, p).front().layers),
                text(one_f.peak_in_flight), gb(one_f.worst[Use::stash]), text(gpipe.peak_in_flight),
                gb(gpipe.worst[Use::stash]), gb(first("1f1b", true).worst[Use::stash])});
  }
  return out;
}

// The price of a delayed W.
std::string halves() {
  std::string out = head({"schedule", "recompute", "rank 0", "rank 1", "rank 2", "rank 3"});
  for (const char* schedule : {"1f1b", "zb_h1"})
    for (const bool recompute : {false, true}) {
      std::vector<std::string> cells = {text("`", schedule, "`"), recompute ? "yes" : "no"};
      for (const MemoryEstimate& e :
           training_memory(kModel, {.tp = 8, .pp = 4},
                           {.schedule = schedule, .microbatches = 16, .recompute = recompute},
                           kTokens, OptimizerStates::none))
        cells.push_back(gb(e.step.worst.total()));
      out += row(cells);
    }
  return out;
}

// Keys and values that fit beside the weights in 90 % of 80 GB, on the rank with least room.
std::int64_t usable_tokens(GridShape grid) {
  std::int64_t tokens = std::numeric_limits<std::int64_t>::max();
  for (const ServingEstimate& e : serving_memory(kModel, grid)) {
    const double room = 0.9 * 80e9 - static_cast<double>(e.weights);
    const double fit = std::max(room, 0.0) / static_cast<double>(e.kv_cache_per_token);
    tokens = std::min(tokens, static_cast<std::int64_t>(fit));
  }
  return tokens;
}

std::string serving() {
  std::string out = head({"grid", "weights a rank", "KV cache a token and rank",
                          "tokens in 90 % of 80 GB", "sequences of 4096"});
  const std::vector<GridShape> grids = {{},        {.tp = 2},          {.tp = 4},
                                        {.tp = 8}, {.tp = 4, .pp = 2}, {.tp = 2, .pp = 4},
                                        {.pp = 8}, {.tp = 16}};
  for (const GridShape grid : grids) {
    const auto ranks = serving_memory(kModel, grid);
    const auto [least, most] =
        std::minmax_element(ranks.begin(), ranks.end(),
                            [](const auto& a, const auto& b) { return a.weights < b.weights; });
    std::int64_t per_token = 0;
    for (const ServingEstimate& e : ranks) per_token = std::max(per_token, e.kv_cache_per_token);
    const std::int64_t tokens = usable_tokens(grid);
    out += row({name_of(grid),
                text(gb(least->weights), grid.pp == 1 ? "" : " .. " + gb(most->weights), " GB"),
                text(per_token / 1024, " KiB"), tokens == 0 ? "does not fit" : text(tokens),
                text(tokens / kTokens)});
  }
  return out;
}

// Bytes a weight in each recipe, and the rank that needs most.
std::string recipes() {
  std::string out = head({"`--dtype`", "`--optimizer-recipe`", "bytes a weight", "weights",
                          "gradients", "AdamW", "peak"});
  DecoderConfig f32 = kModel, lean = kModel;
  f32.dtype = DType::f32;
  lean.recipe = OptimizerRecipe::lean;
  for (const DecoderConfig& config : {f32, kModel, lean}) {
    const MemoryEstimate e =
        worst_rank({.tp = 8, .pp = 4}, {.microbatches = 16, .recompute = true}, config);
    const WeightBytes each = bytes_of_weight(config);
    out += row({name_of(config.dtype), config.dtype == DType::f32 ? "both" : name_of(config.recipe),
                text(each.value, " + ", each.gradient, " + ", each.states), gb(e.weights),
                gb(e.gradients), gb(e.optimizer), gb(e.total())});
  }
  return out;
}

std::string table(const std::string& name) {
  if (name == "blocks") return blocks();
  if (name == "sequence") return sequence();
  if (name == "training") return training();
  if (name == "depth") return depth();
  if (name == "halves") return halves();
  if (name == "serving") return serving();
  if (name == "recipes") return recipes();
  fail(text("there is no table ", name));
}

}  // namespace

TEST_CASE("tables of docs/memory.md are what the model says") { check_page("memory.md", 7, table); }

TEST_CASE("what docs/memory.md says of the whole model") {
  const double weights = static_cast<double>(count_parameters(kModel));
  CHECK(weights == Approx(70.6e9).epsilon(0.001));
  CHECK(18 * weights == Approx(1270e9).epsilon(0.001));  // 2 + 4 + 12
  CHECK(12 * weights == Approx(847e9).epsilon(0.001));   // 2 + 2 + 8
  CHECK(static_cast<double>(tensor_bytes(kModel, kTokens, 1).logits) ==
        Approx(1.05e9).epsilon(1e-3));
  for (const GridShape grid : {GridShape{.tp = 4, .pp = 2}, GridShape{.pp = 8}})
    CHECK(static_cast<double>(usable_tokens(grid)) >
          0.85 * static_cast<double>(usable_tokens({.tp = 8})));
}

TEST_CASE("70B at tp 4, pp 2: 17.6 GB of weights a rank, as at tp 8; not 35 GB") {
  std::int64_t all = 0;
  for (const ServingEstimate& e : serving_memory(kModel, {.tp = 4, .pp = 2})) all += 4 * e.weights;
  CHECK(static_cast<double>(all) / 8 == Approx(17.6e9).epsilon(0.01));
  CHECK(static_cast<double>(serving_memory(kModel, {.tp = 8})[0].weights) ==
        Approx(17.6e9).epsilon(0.01));
  CHECK(static_cast<double>(serving_memory(kModel, {.tp = 4})[0].weights) ==
        Approx(35.3e9).epsilon(0.01));
}

}  // namespace shardpipe
