// What labs reckon before they run: at least what the ranks then hold, and not much more; and what
// is refused by it.
#include "labs/limits.h"

#include "labs/lab.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

constexpr double kGiB = 1 << 30;

LabOptions options_of(const Lab& lab, const std::string& technique, GridShape grid,
                      const std::string& device) {
  LabOptions o{.device = device, .grid = grid, .technique = technique};
  for (const Toggle& t : lab.toggles) o.toggles[t.name] = t.default_value;
  if (lab.has_pipeline) o.shape.microbatches = 4;
  return o;
}

std::vector<GridShape> grids_of(const Lab& lab) {
  if (lab.has_pipeline) return {{.pp = 2}, {.tp = 2, .pp = 2, .dp = 2}};
  if (lab.has_stages) return {{.tp = 2}, {.tp = 2, .pp = 4}};
  return {{.tp = 2}, {.tp = 4}};
}

double held(const LabResult& r) {
  double bytes = 0;
  for (const RankReport& rank : r.report.ranks) bytes += static_cast<double>(rank.peak_bytes);
  return bytes;
}

double submitted(const LabResult& r) {
  return static_cast<double>(r.report.trace.spans.size()) / r.steps;
}

// Calls use(lab, options) for every lab that runs here, technique and grid.
void for_each_run(const std::string& device,
                  const std::function<void(const Lab&, LabOptions)>& use) {
  for (const Lab& lab : all_labs()) {
    if (lab.needs_processes) continue;
    for (const std::string& technique : lab.techniques)
      for (const GridShape grid : grids_of(lab)) use(lab, options_of(lab, technique, grid, device));
  }
}

// "" or how far off the bounds are.
std::string outside(const LabResult& r) {
  const double bytes = r.bound_bytes / held(r), operations = r.bound_operations / submitted(r);
  if (bytes >= 1 && bytes <= 2.2 && operations >= 1 && operations <= 10) return "";
  return text(r.lab, " ", r.options.technique, " tp=", r.options.grid.tp, " pp=", r.options.grid.pp,
              ": bytes ", bytes, ", operations ", operations, " of what was");
}

// A machine with so much memory and so many threads.
class Machine {
 public:
  Machine(double bytes, int threads) {
    folder_.write("proc/meminfo", text("MemAvailable: ", std::int64_t(bytes / 1024), " kB\n"));
    folder_.write("proc/self/cgroup", "0::/\n");
    folder_.write("sys/fs/cgroup/pids.max", text(threads));
    folder_.write("sys/fs/cgroup/pids.current", "0");
  }
  Supply supply() const { return Supply(folder_.path().string(), ProcessLimits{}); }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("every lab holds no more than it reckoned, at real size, and submits no more") {
  for_each_run("modelled", [](const Lab& lab, LabOptions o) {
    o.steps = 1;
    o.hardware = "2x8xH100";
    const LabResult r = lab.run(o);
    CHECK(outside(r) == "");
    CHECK(r.needed_bytes < kGiB);  // there are no bytes, whatever it models
  });
}

TEST_CASE("every lab holds no more than it reckoned, at the size that a laptop computes") {
  for_each_run("modelled", [](const Lab& lab, LabOptions o) {
    o.steps = 1;
    const std::optional<int> m = o.shape.microbatches;
    o.shape = {.hidden = 64, .ffn = 256, .heads = 4, .kv_heads = 4, .seq = 32, .batch = 8};
    o.shape.microbatches = m;
    if (lab.has_pipeline || lab.has_stages) o.shape.layers = 8, o.shape.vocab = 256;
    CHECK(outside(lab.run(o)) == "");
  });
}

TEST_CASE("with numbers: what the pools took from the system is in the bill") {
  for (const char* name : {"tp-linear", "tp-mlp", "tp-attention", "tp-block", "tp-train",
                           "hybrid-train", "pp-inference", "comm-algorithms"}) {
    const Lab& lab = find_lab(name);
    LabOptions o = options_of(lab, lab.technique, lab.grid, "cpu");
    o.steps = 2;
    const LabResult r = lab.run(o);
    double physical = 0;
    for (const RankReport& rank : r.report.ranks)
      physical += static_cast<double>(rank.physical_bytes);
    INFO(name << ": held " << held(r) << ", physical " << physical);
    CHECK(physical <= r.needed_bytes);
    CHECK(r.needed_bytes < kGiB);  // whatever machine it is
  }
}

TEST_CASE("a bill beyond the supply is refused with need, supply and what to make smaller") {
  const Bill bill{.parts = {{"weights", 3 * kGiB, "--layers"}, {"activations", kGiB, "--batch"}},
                  .threads = 12};
  refuse_beyond(Machine(4 * kGiB, 12).supply(), bill);
  CHECK(lacks(usage_message([&] { refuse_beyond(Machine(2 * kGiB, 12).supply(), bill); }),
              {"needs about 4 GiB", "most of it weights", "2 GiB are to be had", "MemAvailable",
               "make --layers smaller"}) == "");
  CHECK(lacks(usage_message([&] { refuse_beyond(Machine(4 * kGiB, 11).supply(), bill); }),
              {"12 threads", "11 more", "pids.max", "fewer ranks"}) == "");
  Bill shared = bill;
  shared.processes = 2;
  CHECK(lacks(usage_message([&] { refuse_beyond(Machine(4 * kGiB, 12).supply(), shared); }),
              {"needs about 8 GiB", "in 2 processes"}) == "");
}

}  // namespace shardpipe
