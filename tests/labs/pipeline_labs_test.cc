// The pipeline and hybrid labs as lessons: results are those of one rank, and each technique does
// to time, memory and traffic what its page says.
#include "labs/lab.h"
#include "labs/report.h"
#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

LabOptions options_of(const std::string& name, const std::string& technique, GridShape grid,
                      const std::string& device) {
  const Lab& lab = find_lab(name);
  LabOptions o{.device = device, .grid = grid, .technique = technique, .steps = 1};
  for (const Toggle& t : lab.toggles) o.toggles[t.name] = t.default_value;
  return o;
}

LabResult run(const LabOptions& o, const std::string& name) { return find_lab(name).run(o); }

LabOptions small(const std::string& name, const std::string& technique, GridShape grid) {
  LabOptions o = options_of(name, technique, grid, "cpu");
  o.shape = {.layers = 4,
             .hidden = 32,
             .ffn = 64,
             .heads = 4,
             .vocab = 256,
             .seq = 16,
             .batch = 8,
             .microbatches = 4};
  return o;
}

std::int64_t modelled_ns(const std::string& name, const std::string& technique, GridShape grid) {
  return run(options_of(name, technique, grid, "modelled"), name).report.trace.wall_ns;
}

std::int64_t peak(const LabResult& r) {
  std::int64_t most = 0;
  for (const RankReport& rank : r.report.ranks) most = std::max(most, rank.peak_bytes);
  return most;
}

std::int64_t bytes_sent(const LabResult& r, const std::string& group) {
  std::int64_t sum = 0;
  for (const RankReport& rank : r.report.ranks)
    for (const CommCount& c : rank.communication)
      if (c.group == group && c.kind == OpKind::exchange) sum += c.bytes;
  return sum;
}

}  // namespace

TEST_CASE("every pipeline lab and technique trains as one rank does") {
  for (const Lab& lab : all_labs()) {
    if (!lab.has_pipeline) continue;
    for (const std::string& technique : lab.techniques)
      for (const GridShape grid : {GridShape{.pp = 2}, GridShape{.tp = 2, .pp = 2, .dp = 2}}) {
        LabOptions o = small(lab.name, technique, grid);
        const LabResult r = lab.run(o);
        INFO(lab.name << " " << technique << " tp=" << grid.tp);
        REQUIRE(r.check.has_value());
        INFO(to_text(r));
        CHECK(r.check->passed());
        CHECK(r.check->compared.at(1).difference < 1e-5);
        CHECK(r.loss.size() == (lab.name == "hybrid-train" ? 1 : 2));  // others warm up
      }
  }
}

TEST_CASE("counters and peak memory of a pipeline do not depend on the device") {
  LabOptions o = small("hybrid-train", "zb_h1", {.tp = 2, .pp = 2, .dp = 2});
  o.check = false;
  const LabResult cpu = run(o, "hybrid-train");
  o.device = "modelled";
  const LabResult modelled = run(o, "hybrid-train");
  CHECK(cpu.peak_in_flight == modelled.peak_in_flight);
  for (std::size_t rank = 0; rank < 8; ++rank) {
    const auto &a = cpu.report.ranks[rank].communication,
               &b = modelled.report.ranks[rank].communication;
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      CHECK(a[i].group == b[i].group);
      CHECK(a[i].calls == b[i].calls);
    }
  }
}

TEST_CASE("modelled 8xH100: micro-batches beat one at a time, and bubbles shrink in order") {
  const GridShape grid = {.pp = 4};
  const auto time = [&](const char* schedule) {
    return modelled_ns("pp-schedules", schedule, grid);
  };
  const auto naive = time("naive"), gpipe = time("gpipe"), one_f = time("1f1b"),
             zb_h1 = time("zb_h1");
  CHECK(naive > 2 * gpipe);
  CHECK(one_f < naive);
  CHECK(zb_h1 < one_f);
}

TEST_CASE("generated tokens are those of one rank, with and without cache, in any groups") {
  for (const char* technique : {"naive", "cached", "ring"})
    for (const char* family : {"gpt2", "llama"})
      for (const GridShape grid :
           {GridShape{.tp = 1}, GridShape{.pp = 3}, GridShape{.tp = 2, .pp = 2}}) {
        LabOptions o = small("pp-inference", technique, grid);
        o.shape.layers = 3;
        o.shape.batch = 12;
        o.toggles["family"] = family;
        o.toggles["tokens"] = "5";
        const LabResult r = run(o, "pp-inference");
        INFO(technique << " " << family << " tp=" << grid.tp << " pp=" << grid.pp);
        REQUIRE(r.tables.size() == 2);
        if (grid.ranks() == 1) continue;
        REQUIRE(r.check.has_value());
        CHECK(r.check->bitwise);
      }
}

TEST_CASE("modelled 8xH100: the cache saves most of the work, the ring makes room for sequences") {
  const GridShape grid = {.pp = 4};
  CHECK(modelled_ns("pp-inference", "naive", grid) >
        5 * modelled_ns("pp-inference", "cached", grid));
  LabOptions one = options_of("pp-inference", "cached", grid, "modelled"), four = one;
  four.technique = "ring";
  four.shape.batch = 4 * 64;
  four.toggles["prompt"] = one.toggles["prompt"] = "16";
  CHECK(static_cast<double>(run(four, "pp-inference").report.trace.wall_ns) <
        2.0 * static_cast<double>(run(one, "pp-inference").report.trace.wall_ns));
}

TEST_CASE("recomputation: less memory, more time") {
  const LabOptions keep = options_of("pp-recompute", "naive", {.pp = 2}, "modelled"),
                   again = options_of("pp-recompute", "recompute", {.pp = 2}, "modelled");
  const LabResult a = run(keep, "pp-recompute"), b = run(again, "pp-recompute");
  CHECK(peak(b) < peak(a));
  CHECK(b.report.trace.wall_ns > a.report.trace.wall_ns);
}

TEST_CASE("two nodes: tensor parallelism innermost is faster than outermost") {
  LabOptions o = options_of("hybrid-grid", "scatter", {.tp = 8, .pp = 2}, "modelled");
  o.hardware = "2x8xH100";
  const auto inside = run(o, "hybrid-grid").report.trace.wall_ns;
  o.order = "pp-dp-tp";
  CHECK(run(o, "hybrid-grid").report.trace.wall_ns > inside);
}

TEST_CASE("scattered boundaries send 1/t of the bytes over the pipeline") {
  const GridShape grid = {.tp = 4, .pp = 2};
  const LabResult whole = run(options_of("hybrid-grid", "naive", grid, "modelled"), "hybrid-grid"),
                  part = run(options_of("hybrid-grid", "scatter", grid, "modelled"), "hybrid-grid");
  CHECK(bytes_sent(whole, "pp") > 0);
  CHECK(bytes_sent(whole, "pp") == 4 * bytes_sent(part, "pp"));
}

TEST_CASE("what does not fit is refused with the flags that say it") {
  const auto refusal = [](const std::string& technique, GridShape grid, ShapeFlags shape) {
    LabOptions o = small("hybrid-train", technique, grid);
    if (shape.layers) o.shape.layers = shape.layers;
    if (shape.batch) o.shape.batch = shape.batch;
    if (shape.microbatches) o.shape.microbatches = shape.microbatches;
    return usage_message([&] { run(o, "hybrid-train"); });
  };
  CHECK(lacks(refusal("1f1b", {.pp = 8}, {}), {"--layers 4", "8 stages"}) == "");
  CHECK(lacks(refusal("1f1b", {.pp = 2, .dp = 3}, {}),
              {"--batch 8", "--microbatches 4", "--dp 3"}) == "");
  CHECK(lacks(refusal("looped_bfs", {.pp = 2}, {.batch = 6, .microbatches = 1}),
              {"--microbatches 1", "at least 2"}) == "");
  CHECK(lacks(refusal("dualpipe", {.pp = 3}, {}), {"dualpipe", "even"}) == "");
  LabOptions o = small("pp-inference", "ring", {.pp = 3});
  CHECK(lacks(usage_message([&] { run(o, "pp-inference"); }), {"--batch 8", "--groups 3"}) == "");
  o = small("pp-inference", "ring", {.pp = 2});
  o.toggles["prompt"] = "10";
  CHECK(lacks(usage_message([&] { run(o, "pp-inference"); }),
              {"--prompt 10", "--tokens 16", "--seq 16"}) == "");
  o.toggles["tokens"] = "2.5";
  CHECK(lacks(usage_message([&] { run(o, "pp-inference"); }), {"--tokens 2.5", "whole number"}) ==
        "");
}

}  // namespace shardpipe
