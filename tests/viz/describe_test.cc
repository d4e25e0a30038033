// What is said about a span: its shape, its work, and how near it comes to what the machine can do.
#include "viz/model/describe.h"

#include <cmath>

#include "core/base/error.h"
#include "tests/support/catch.h"
#include "tests/trace/made_up.h"

namespace shardpipe::viz {
namespace {

// The lines about the first span of that name, as one.
std::string about(const TimelineModel& model, const std::string& name) {
  for (std::size_t i = 0; i < model.trace().spans.size(); ++i) {
    if (model.name(model.trace().spans[i]) != name) continue;
    std::string words;
    for (const std::string& line :
         describe(model, {.what = Selection::What::span, .span = static_cast<std::int32_t>(i)}))
      words += line + "\n";
    return words;
  }
  return "";
}

bool says(const std::string& words, const std::string& part) {
  return words.find(part) != std::string::npos;
}

std::string percent(double share) { return text(std::lround(100 * share), " % of "); }

}  // namespace

TEST_CASE("a span says its shape, and its rates against the peak and the link of its profile") {
  const TimelineModel model(mlp_trace(true));  // 1 TFLOP/s, and 300 bytes a ns on four ranks
  REQUIRE(model.hardware().has_value());
  const Hardware& machine = *model.hardware();
  const std::string product = about(model, "mlp.up"), sum = about(model, "reduce");
  INFO(product << sum);
  CHECK(says(product, "[512, 256] x [256, 64]"));
  CHECK(says(product, "FLOP/s (0.1 % of the peak)"));
  CHECK(1e12 / machine.bf16.peak_flops_per_s < 0.0015);
  CHECK(says(sum, "[8, 512, 64]"));
  CHECK(says(sum, percent(2 * 3.0 / 4 * 300e9 / machine.inside.bytes_per_s) + "the link"));
}

TEST_CASE("between nodes there is no one link to compare with, and without a profile none at all") {
  Trace far = mlp_trace(true);
  far.groups[0].ranks = {0, 1, 2, 8};  // 8xH100 has one node of eight
  CHECK_FALSE(says(about(TimelineModel(far), "reduce"), "the link"));
  Trace nowhere = mlp_trace(true);
  nowhere.hardware = "";
  const TimelineModel model(nowhere);
  CHECK(says(about(model, "mlp.up"), "FLOP/s"));
  CHECK_FALSE(says(about(model, "mlp.up"), "the peak"));
  CHECK_FALSE(says(about(model, "reduce"), "the link"));
}

}  // namespace shardpipe::viz
