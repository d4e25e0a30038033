// What the JSON of a run says of its pipeline, and the numbers beside a table's cells.
#include "labs/stage_times.h"

#include <numeric>

#include "labs/report.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

LabResult modelled(const std::string& name, const std::string& technique, int microbatches,
                   int steps) {
  const Lab& lab = find_lab(name);
  LabOptions o{.device = "modelled", .grid = {.pp = 4}, .technique = technique, .steps = steps};
  for (const Toggle& t : lab.toggles) o.toggles[t.name] = t.default_value;
  o.shape = {.layers = 6,
             .hidden = 512,
             .ffn = 2048,
             .heads = 4,
             .vocab = 512,
             .seq = 64,
             .batch = microbatches,
             .microbatches = microbatches};
  return lab.run(o);
}

double compute_s(const Json& rank) { return rank.at("compute_s").number(); }

}  // namespace

TEST_CASE("run --json: micro-batches, and layers and seconds of each stage") {
  for (const int steps : {1, 3}) {
    const LabResult result = modelled("pp-schedules", "1f1b", 6, steps);
    const Json run = to_json(result);
    CHECK(run.at("family").string() == "llama");
    CHECK(run.at("microbatches").integer() == 6);
    const auto& stages = run.at("stages").elements();
    REQUIRE(stages.size() == 4);
    for (std::size_t s = 0; s < stages.size(); ++s) {
      CHECK(stages[s].at("layers").integer() == result.stage_layers.at(s));  // of the first lines
      const double passes =
          6 * (stages[s].at("forward_s").number() + stages[s].at("backward_s").number());
      const double compute = compute_s(run.at("ranks").elements()[s]) / steps;
      CHECK(passes < compute);  // the optimizer comes on top
      CHECK(passes > 0.5 * compute);
      CHECK(stages[s].at("input_gradient_s").number() == 0);
    }
    CHECK(std::accumulate(result.stage_layers.begin(), result.stage_layers.end(), 0) == 6);
  }
}

TEST_CASE("halves of backward are a backward; without stages there is nothing to say") {
  const auto whole = stage_times(modelled("pp-schedules", "1f1b", 4, 1).report.trace);
  const auto halves = stage_times(modelled("pp-schedules", "zb_h1", 4, 1).report.trace);
  for (std::size_t s = 0; s < 4; ++s) {
    CHECK(halves[s].backward_s == 0);
    CHECK(halves[s].input_gradient_s + halves[s].weight_gradient_s == Approx(whole[s].backward_s));
  }
  CHECK(stage_times(modelled("tp-mlp", "paired", 1, 1).report.trace).empty());
}

TEST_CASE("tables in JSON: the numbers of a cell, in seconds, bytes and fractions") {
  LabResult result = modelled("pp-schedules", "1f1b", 4, 1);
  result.tables = {{.title = "t", .columns = {"n", "x"}, .rows = {{"plain", "1.5 ms (50 %)"}}}};
  CHECK(to_json(result).at("tables").elements()[0].at("numbers").dump() == "[[[],[0.0015,0.5]]]");
}

}  // namespace shardpipe
