// What a run and a comparison print: how much, aligned, and figures that agree with each other.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/trace/stats.h"
#include "core/trace/terminal_timeline.h"
#include "labs/cli/lab_flags.h"
#include "labs/compare_report.h"
#include "labs/report.h"
#include "tests/support/catch.h"
#include "tests/support/lines.h"
#include "tests/support/paths.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

LabResult run(const std::string& name, const std::string& flags) {
  LabCommand command = parse_lab_flags(find_lab(name), split_words(flags));
  command.options.asks_work = true;
  return find_lab(name).run(command.options);
}

StepParts parts_of(const LabResult& r) {
  return parts_of_step(r.report.trace, r.steps, r.work_once);
}

double step_s(const LabResult& r) {
  return static_cast<double>(r.report.trace.wall_ns) * 1e-9 / r.steps;
}

}  // namespace

TEST_CASE("2,048 ranks of 16 stages print under 100 lines, every row in the same columns") {
  const LabResult r = run("hybrid-train", "--device modelled --tp 8 --pp 16 --dp 16 --hardware " +
                                              in_source("tests/labs/256x8xH100.json") +
                                              " --batch 16 "
                                              "--layers 16 --microbatches 1");
  const std::vector<std::string> lines =
      lines_of(to_text(r) + "\n" + draw_timeline(r.report.trace, {.unicode = false}));
  CHECK(lines.size() < 100);
  std::size_t figures = 0, cells = 0;
  for (const std::string& line : lines) {
    INFO(line);
    CHECK(line.size() <= 100);
    if (line.find("ranks ") != 0) continue;
    const bool is_picture = line.find("  compute ") != std::string::npos;
    CHECK(line.size() == (is_picture ? 100 : 97));
    CHECK(line.back() == '%');
    if (is_picture) CHECK(line.find("  compute ") == 21);
    ++(is_picture ? cells : figures);
  }
  CHECK(figures == 16);
  CHECK(cells == 16);
}

TEST_CASE("the parts of a step add up to it, and those of a gap to the gap") {
  const struct {
    const char *lab, *a, *b;
  } pairs[] = {
      {"tp-block", "--technique naive --tp 4 --device modelled", "--tp 8 --device modelled"},
      {"tp-mlp", "--technique naive --no-check --steps 1", "--no-check --steps 2"},
      {"hybrid-train", "--technique naive --tp 2 --pp 2 --device modelled",
       "--technique zb_h1 --pp 2 --dp 2 --tp 1 --device modelled"},
      {"pp-inference", "--technique naive --tokens 2 --device modelled",
       "--tokens 2 --device modelled"}};
  for (const auto& pair : pairs) {
    INFO(pair.lab);
    const LabResult a = run(pair.lab, pair.a), b = run(pair.lab, pair.b);
    CHECK(parts_of(a).step_s() == Approx(step_s(a)).epsilon(1e-9));
    CHECK(parts_of(b).step_s() == Approx(step_s(b)).epsilon(1e-9));
    const auto document = nlohmann::json::parse(compare_json(a, b).dump());
    double sum_s = 0;
    for (const auto& [key, seconds] : document.at("gap").items()) sum_s += seconds.get<double>();
    CHECK(std::abs(sum_s - document.at("difference").at("step_time").get<double>()) < 1e-9);
    CHECK(document.at("gap").size() == 4);
  }
}

TEST_CASE("compute done again: nothing on one rank; naive attention; what recompute repeats") {
  CHECK(parts_of(run("tp-block", "--tp 1 --device modelled")).again_s == 0);
  const StepParts naive = parts_of(run("tp-block", "--technique naive --tp 8 --device modelled")),
                  paired = parts_of(run("tp-block", "--tp 8 --device modelled"));
  CHECK(naive.again_s > 10 * paired.again_s);  // all heads on every rank
  CHECK(paired.again_s > 0);                   // norms on every rank
  CHECK(naive.once_s < 1.3 * paired.once_s);   // what is split is the same, in smaller products
  const auto of_recompute = [&](const char* technique) {
    return parts_of(run("pp-recompute", text("--technique ", technique, " --device modelled")));
  };
  const StepParts kept = of_recompute("naive"), again = of_recompute("recompute");
  CHECK(again.once_s == Approx(kept.once_s).epsilon(0.01));
  CHECK(again.again_s > kept.again_s + 0.2 * kept.once_s);  // a forward, of one and two of backward
}

TEST_CASE("one quantity has one value: counters and the trace agree in every lab") {
  for (const Lab& lab : all_labs()) {
    if (lab.needs_processes) continue;
    const std::string grid = lab.has_pipeline ? "--tp 2 --pp 2 --dp 2 --microbatches 2"
                             : lab.has_stages ? "--tp 2 --pp 2 --tokens 2"
                                              : "--tp 4 --steps 3";
    const LabResult r = run(lab.name, grid + " --device modelled");
    const std::vector<CommCount> counted = most_communication(r);
    const std::vector<CollectiveStats> traced = statistics(r.report.trace).collectives;
    REQUIRE(counted.size() == traced.size());
    for (const CollectiveStats& t : traced) {
      INFO(lab.name << " " << t.group << " " << name_of(t.kind));
      const auto c = std::find_if(counted.begin(), counted.end(), [&](const CommCount& x) {
        return x.group == t.group && x.kind == t.kind;
      });
      REQUIRE(c != counted.end());
      CHECK(c->calls == t.calls);
      CHECK(c->bytes == t.bytes);
      CHECK(static_cast<double>(c->wire_bytes) == Approx(t.wire_bytes).epsilon(1e-3));
    }
  }
}

TEST_CASE("the first lines say family, micro-batches and the layers of each stage") {
  const std::string few =
      header_text(run("hybrid-train",
                      "--technique 1f1b --tp 1 --pp 4 --layers 16 --microbatches 8 "
                      "--family llama --device modelled"));
  CHECK(few.find("shape      llama  layers 16") != std::string::npos);
  CHECK(few.find("stages     8 micro-batches; layers 5 5 4 2 + head") != std::string::npos);
  LabResult many;
  many.lab = "hybrid-train";
  many.steps = 1;
  many.stage_layers = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 3};
  CHECK(header_text(many).find("layers 16 x 5, 2 x 4, 3 + head") != std::string::npos);
  CHECK(header_text(run("tp-mlp", "--device modelled")).find("stages") == std::string::npos);
}

TEST_CASE("a list of ranks that the run has not is refused before it runs") {
  for (const char* flags : {"--tp 4 --ranks 4", "--tp 4 --ranks 3-1", "--ranks x"})
    CHECK(usage_message([&] { run("tp-mlp", flags); }).find("--ranks ") == 0);
}

}  // namespace shardpipe
