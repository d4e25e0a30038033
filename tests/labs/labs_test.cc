// The labs as a lesson: what each technique communicates, and that its result is that of one rank.
#include "labs/lab.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/random.h"
#include "core/trace/read.h"
#include "labs/model_flags.h"
#include "labs/report.h"
#include "labs/run_on.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace shardpipe {
namespace {

LabOptions options_of(const Lab& lab, const std::string& technique, int tp,
                      const std::string& device) {
  LabOptions o{.device = device, .grid = {.tp = tp}, .technique = technique, .steps = 1};
  for (const Toggle& t : lab.toggles) o.toggles[t.name] = t.default_value;
  return o;
}

LabOptions small(const std::string& name, const std::string& technique, int tp) {
  LabOptions o = options_of(find_lab(name), technique, tp, "cpu");
  o.shape = {
      .layers = 2, .hidden = 48, .ffn = 96, .heads = 12, .kv_heads = 12, .seq = 24, .batch = 2};
  return o;
}

std::vector<Lab> tp_labs() {
  std::vector<Lab> labs;
  for (const Lab& lab : all_labs())
    if (!lab.has_pipeline && !lab.has_stages && !lab.needs_processes) labs.push_back(lab);
  return labs;
}

double calls(const LabResult& r, OpKind kind) {
  double n = 0;
  for (const CommCount& c : r.report.ranks[0].communication)
    if (c.kind == kind) n += static_cast<double>(c.calls);
  return n / r.steps;
}

}  // namespace

TEST_CASE("every tensor-parallel lab and technique, on 2, 3 and 4 ranks equals one rank") {
  for (const Lab& lab : tp_labs())
    for (const std::string& technique : lab.techniques)
      for (const int tp : {2, 3, 4}) {
        const LabResult r = lab.run(small(lab.name, technique, tp));
        INFO(lab.name << " " << technique << " tp=" << tp);
        REQUIRE(r.check.has_value());
        INFO(to_text(r));
        CHECK(r.check->passed());
        if (lab.name == "tp-linear") CHECK(r.check->bitwise);
      }
}

TEST_CASE("--forward-only on: y alone is compared, and only forward's collectives are counted") {
  const auto all_calls = [](const LabResult& r) {
    std::int64_t n = 0;
    for (const CommCount& c : r.report.ranks[0].communication) n += c.calls;
    return n;
  };
  for (const Lab& lab : tp_labs()) {
    const bool has_flag = std::any_of(lab.toggles.begin(), lab.toggles.end(),
                                      [](const Toggle& t) { return t.name == "forward-only"; });
    CHECK(has_flag == (lab.name != "comm-algorithms" && lab.name != "tp-train"));
    if (!has_flag) continue;
    INFO(lab.name);
    LabOptions o = small(lab.name, lab.technique, 4);
    o.device = "modelled";
    const std::int64_t both = all_calls(lab.run(o));
    o.toggles["forward-only"] = "on";
    const std::int64_t forward = all_calls(lab.run(o));
    CHECK(forward < both);
    o.device = "cpu";
    const LabResult r = lab.run(o);
    CHECK(all_calls(r) == forward);
    REQUIRE(r.check.has_value());
    CHECK(r.check->passed());
    if (!r.check->bitwise) CHECK(r.check->compared.at(0).what == "1 tensor");
  }
}

TEST_CASE("of a long training the first losses are compared, before it turns chaotic") {
  LabOptions o = small("tp-train", "paired", 4);
  o.steps = 100;
  const LabResult r = find_lab("tp-train").run(o);
  REQUIRE(r.check.has_value());
  CHECK(r.loss.size() == 100);
  REQUIRE(r.check->compared.size() == 2);
  CHECK(r.check->compared[1].what == "the first 3 losses");
  CHECK(r.check->passed());
}

TEST_CASE("counters do not depend on the device: cpu and modelled enter the same collectives") {
  for (const Lab& lab : tp_labs())
    for (const std::string& technique : lab.techniques) {
      LabOptions o = small(lab.name, technique, 4);
      o.check = false;
      const LabResult cpu = lab.run(o);
      o.device = "modelled";
      const LabResult modelled = lab.run(o);
      INFO(lab.name << " " << technique);
      const auto &a = cpu.report.ranks[3].communication,
                 &b = modelled.report.ranks[3].communication;
      REQUIRE(a.size() == b.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        CHECK(a[i].kind == b[i].kind);
        CHECK(a[i].calls == b[i].calls);
      }
    }
}

TEST_CASE(
    "a paired MLP needs one all-reduce forward and one backward; a paired block two and two") {
  for (const int tp : {2, 4, 8}) {
    LabOptions mlp = options_of(find_lab("tp-mlp"), "paired", tp, "modelled");
    const LabResult m = find_lab("tp-mlp").run(mlp);
    CHECK(calls(m, OpKind::all_reduce) == 2);
    CHECK(m.report.ranks[0].communication.size() == 1);
    const LabResult b =
        find_lab("tp-block").run(options_of(find_lab("tp-block"), "paired", tp, "modelled"));
    CHECK(calls(b, OpKind::all_reduce) == 4);
    CHECK(b.report.ranks[0].communication.size() == 1);
  }
}

TEST_CASE("modelled: what the machine's memory could not hold is said") {
  LabOptions o = options_of(find_lab("tp-mlp"), "paired", 2, "modelled");
  CHECK(find_lab("tp-mlp").run(o).report.notes.empty());
  o.shape.hidden = o.shape.ffn = 1 << 18;  // a weight matrix of 2^36 / 2 elements a rank
  const LabResult big = find_lab("tp-mlp").run(o);
  REQUIRE(big.report.notes.size() == 1);
  CHECK(big.report.notes[0].find("a rank of 8xH100 has 74.51 GiB: it would not fit") !=
        std::string::npos);
  CHECK(big.report.ranks[0].peak_bytes > 4 * (std::int64_t{1} << 36));  // two, and their gradients
}

TEST_CASE("paired is faster than naive on every modelled machine of 8 ranks, and on every tp") {
  for (const char* hardware : {"8xA100", "8xH100"})
    for (const int tp : {2, 4, 8})
      for (const char* name : {"tp-mlp", "tp-attention", "tp-block"}) {
        LabOptions o = options_of(find_lab(name), "naive", tp, "modelled");
        o.hardware = hardware;
        const auto naive = find_lab(name).run(o).report.trace.wall_ns;
        o.technique = "paired";
        const auto paired = find_lab(name).run(o).report.trace.wall_ns;
        INFO(hardware << " " << name << " tp=" << tp << ": " << naive << " and " << paired
                      << " ns");
        CHECK(paired < naive);
      }
}

TEST_CASE("run --json has the promised keys and per rank compute + exposed + idle = wall") {
  LabOptions o = options_of(find_lab("tp-block"), "naive", 4, "modelled");
  const auto d = nlohmann::json::parse(to_json(find_lab("tp-block").run(o)).dump());
  for (const char* key : {"lab", "technique", "device", "hardware", "clock", "grid", "wall_s",
                          "step_s", "steps", "tokens_per_s", "shape", "dtype", "seed", "ranks",
                          "communication", "loss", "check", "trace"})
    CHECK(d.contains(key));
  CHECK(d.at("loss").empty());
  CHECK(d.at("check").is_null());
  CHECK(d.at("ranks").size() == 4);
  for (const auto& r : d.at("ranks")) {
    const double sum = r.at("compute_s").get<double>() + r.at("exposed_comm_s").get<double>() +
                       r.at("idle_s").get<double>();
    CHECK(sum == Approx(d.at("wall_s").get<double>()).epsilon(1e-12));
  }
}

TEST_CASE("a lab that fails writes its last picture where --trace says, and says so") {
  const TemporaryFolder folder;
  for (const char* device : {"cpu", "modelled"}) {
    INFO(device);
    const LabOptions options{
        .device = device,
        .grid = {.tp = 2},
        .trace = std::make_shared<OutputFile>(folder.file(std::string(device) + ".json"))};
    std::string said;
    try {
      run_on(options, [](RankContext& ctx) {
        if (ctx.rank == 0) ctx.tp.barrier(ctx.compute);
      });
    } catch (const Error& e) {
      said = e.what();
      CHECK(e.code() == ExitCode::deadlock);
    }
    CHECK(said.find("its last picture: ./lab view " + options.trace->name()) != std::string::npos);
    const Trace trace = read_trace({options.trace->name()}).trace;
    REQUIRE(trace.spans.size() == 1);
    CHECK(never_ended(trace, trace.spans[0]));
    CHECK(trace.spans[0].waits_for == 1);
    CHECK(trace.hardware == (std::string(device) == "modelled" ? "8xH100" : ""));
  }
}

TEST_CASE("labs train on a text of the kit that never changes: losses in the pages depend on it") {
  const std::string own = text_of({});
  CHECK(own.size() == 31534);
  CHECK(stream_of(own) == 0xef62c5bc08ea6dbe);  // a hash of all bytes
  CHECK(std::all_of(own.begin(), own.end(),
                    [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
}

}  // namespace shardpipe
