// The f64 reference itself: its gradients are those that central differences give, and a few values
// are those of the formulas done by hand.
#include "core/reference/reference.h"

#include <cmath>

#include "tests/support/bound.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

double loss_of(const DecoderConfig& c, const ExactFill& fill) {
  Tape tape;
  Weights weights(tape, fill);
  return reference_loss(weights, c, random_tokens(6, c.vocabulary, 1),
                        random_tokens(6, c.vocabulary, 2))
      .value;
}

}  // namespace

TEST_CASE("reference: gradients equal central differences") {
  // Error of a central difference of f with step h: about h^2 f''' / 6 + 1e-16 / h.
  constexpr double kStep = 1e-5, kTolerance = 1e-8;
  for (const Family family : {Family::gpt2, Family::llama})
    for (const GeluKind gelu : {GeluKind::tanh, GeluKind::erf}) {
      const DecoderConfig c = {.family = family,
                               .layers = 1,
                               .hidden = 8,
                               .ffn = 6,
                               .heads = 4,
                               .kv_heads = 2,
                               .vocabulary = 7,
                               .sequence = 3,
                               .tied = false,
                               .gelu = gelu,
                               .rotary_theta = 3};
      const Fill fill = random_fill(8, c.hidden);
      Tape tape;
      Weights weights(tape, fill);
      const auto adjoints = tape.adjoints(reference_loss(
          weights, c, random_tokens(6, c.vocabulary, 1), random_tokens(6, c.vocabulary, 2)));
      double worst = 0;
      for (const auto& [weight, matrix] : weights.all()) {
        const Wanted gradient = wanted_gradient(matrix, adjoints);
        for (std::size_t i = 0; i < gradient.values.size(); i += 5) {
          auto moved = [&, name = weight, at = static_cast<Index>(i)](double by) {
            return loss_of(c, [&](const std::string& n, Index index) {
              return static_cast<double>(fill(n, index)) + (n == name && index == at ? by : 0.0);
            });
          };
          const double difference = (moved(kStep) - moved(-kStep)) / (2 * kStep);
          worst = std::max(worst, std::abs(difference - gradient.values[i]));
        }
      }
      CHECK(worst < kTolerance);
    }
}

TEST_CASE("reference: values by hand") {
  Tape tape;
  const Real x = tape.variable(2), y = tape.variable(3);
  const Real z = x * y + x / y;  // dz/dx = y + 1/y, dz/dy = x - x / y^2
  const auto adjoints = tape.adjoints(z);
  CHECK(adjoints[0].value == Approx(3 + 1.0 / 3));
  CHECK(adjoints[1].value == Approx(2 - 2.0 / 9));
  CHECK(adjoints[1].magnitude == Approx(2 + 2.0 / 9));

  // All weights 0: every logit is 0, and the loss is log(V) whatever the tokens are.
  const DecoderConfig c = {.layers = 1,
                           .hidden = 4,
                           .ffn = 4,
                           .heads = 2,
                           .kv_heads = 1,
                           .vocabulary = 7,
                           .sequence = 3};
  CHECK(loss_of(c, [](const std::string&, Index) { return 0.0; }) == Approx(std::log(7.0)));

  // One token a sequence: attention passes its value through.
  Weights w(tape, [](const std::string& name, Index i) {
    return name == "a.v.weight" || name == "a.out.weight" ? (i % 3 == 0 ? 1.0 : 0.0) : 0.5;
  });  // [2,2]: 1 on the diagonal
  const Matrix in = w.get("x", 2, 2);
  const Matrix out = reference_attention(w, "a", in, {.heads = 2, .kv_heads = 2, .bias = false});
  for (std::size_t i = 0; i < 4; ++i) CHECK(out.x[i].value == Approx(0.5));
}

}  // namespace shardpipe
