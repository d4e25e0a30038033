// MLPs, attention and blocks with the real functions on random signed data: float32 on t ranks
// against the f64 reference, every rank, y, dx and every gradient, within the bound of bound.h.
#include "core/base/random.h"
#include "tests/support/bound.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"

namespace shardpipe {
namespace {

constexpr LayerSizes kSizes = {.tokens = 8, .sequence = 4, .heads = 24, .head_size = 4, .ffn = 48};
constexpr Index D = 96, F = 48, C = 4, S = 4, T = 2 * 8;  // T: of both micro-batches

using Reference = std::function<Matrix(Weights&, const Matrix&)>;

float data(const std::string& name, Index index) {
  return static_cast<float>(random_normal(9, stream_of(name), static_cast<std::uint64_t>(index)));
}

// Fills in what run_layer holds: y of two micro-batches, and gradients of sum dy y.
WantedTensors reference_of(const LayerCase& c, const Fill& fill, const Reference& layer) {
  Tape tape;
  Weights weights(tape, fill), inputs(tape, data);
  WantedTensors want;
  Real total = 0;
  for (int i = 0; i < 2; ++i) {
    const Matrix y = layer(weights, inputs.get(text("x", i), c.T, c.D));
    for (std::size_t j = 0; j < y.x.size(); ++j)
      total = total + y.x[j] * static_cast<double>(data(text("dy", i), static_cast<Index>(j)));
    want[text("y", i)] = wanted_values(y);
  }
  const auto adjoints = tape.adjoints(total);
  for (int i = 0; i < 2; ++i)
    want[text("dx", i)] = wanted_gradient(inputs.all().at(text("x", i)), adjoints);
  for (const auto& [name, weight] : weights.all()) want[name] = wanted_gradient(weight, adjoints);
  return want;
}

void check(const LayerTable& row, const Reference& layer, Index roundings) {
  const Fill fill = random_fill(3, D);
  const WantedTensors want = reference_of(row.layer, fill, layer);
  for (const int tp : row.tps) {
    const TpRun run =
        run_tp(tp, [&](RankContext& ctx) { return run_layer(ctx, row.layer, fill, data); });
    const Worst worst = worst_of(run, want, roundings);
    INFO(row.layer.name << ", " << worst.where << ": " << worst.ratio << " of the bound");
    CHECK(worst.ratio <= 1);
    CHECK(worst.ratio > 1e-3);  // a bound that loose would find nothing
  }
}

// Dependent roundings from x to y, and back to dx or a weight's gradient (a sum over T).
constexpr Index kMlp = D + F + kFunctionRoundings;                    // up, activation, down
constexpr Index kAttention = D + C + S + S + D + kFunctionRoundings;  // QKV, QK, softmax, PV, out
Index there_and_back(Index forward) { return 2 * forward + T; }

}  // namespace

TEST_CASE("MLPs against the f64 reference") {
  for (const LayerTable& row : mlp_cases(kSizes)) {
    const bool gated = row.layer.name.starts_with("gated");
    check(
        row,
        [&](Weights& w, const Matrix& x) {
          return gated ? reference_gated_mlp(w, "mlp", x, F, true)
                       : reference_mlp(w, "mlp", x, F, row.mlp.gelu, true);
        },
        there_and_back(kMlp));
  }
}

TEST_CASE("attention against the f64 reference") {
  for (const LayerTable& row : attention_cases(kSizes))
    check(
        row,
        [&](Weights& w, const Matrix& x) {
          return reference_attention(w, "attention", x, row.attention);
        },
        there_and_back(kAttention));
}

TEST_CASE("blocks against the f64 reference") {
  for (const LayerTable& row : block_cases(kSizes)) {
    const bool gated = row.layer.name.starts_with("llama");
    const BlockOptions o{.D = D,
                         .F = F,
                         .attention = row.attention,
                         .mlp = {.bias = !gated},
                         .gated = gated,
                         .norm = gated ? NormKind::rms_norm : NormKind::layer_norm};
    check(
        row, [&](Weights& w, const Matrix& x) { return reference_block(w, "blocks.0", x, o); },
        there_and_back(kMlp + kAttention + 2 * D));  // and two norms
  }
}

}  // namespace shardpipe
