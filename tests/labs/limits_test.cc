// What labs reckon before they run: at least what the ranks then hold, and not much more; and what
// is refused by it.
#include "labs/limits.h"

#include "labs/lab.h"
#include "labs/run_on.h"
#include "tests/support/catch.h"
#include "tests/support/refuses.h"
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

TEST_CASE("sizes on a bound are counted, one step beyond it they are refused") {
  constexpr Index kMost = 1 << 24;
  const auto refused = [](const char* words, Index LabShape::*size, Index value) {
    LabShape shape;
    shape.*size = value;
    return refuses(words, [&] { refuse_uncountable(shape); });
  };
  for (Index LabShape::*size :
       {&LabShape::layers, &LabShape::ffn, &LabShape::vocab, &LabShape::batch}) {
    CHECK(!refused("", size, kMost));
    CHECK(refused("must be at most 16777216", size, kMost + 1));
  }
  for (Index LabShape::*size : {&LabShape::hidden, &LabShape::seq})  // their squares are too much
    CHECK(refused("must be at most 16777216", size, kMost + 1));
  // 18 hidden (4 hidden + 3 ffn + 2 (vocab + seq)) bytes of weights reach 9e15 in between.
  CHECK(!refused("", &LabShape::hidden, 11'180'275));
  CHECK(refused("weights of ", &LabShape::hidden, 11'180'276));
  // 4 seq (2 (4 hidden + 3 ffn) + 2 heads seq + vocab) bytes of activations.
  CHECK(!refused("", &LabShape::seq, kMost));
  const auto in_batch = [](Index batch) {
    return refuses("tensors of ", [&] { refuse_uncountable({.seq = kMost, .batch = batch}); });
  };
  CHECK(!in_batch(3));
  CHECK(in_batch(4));
}

TEST_CASE("as many ranks as a device has, and one more") {
  const auto refused = [](const char* words, const std::string& device, GridShape grid,
                          const std::string& link = "") {
    return refuses(words, [&] { check_options({.device = device, .link = link, .grid = grid}); });
  };
  CHECK(!refused("", "cpu", {.tp = 64}));
  CHECK(!refused("", "cpu", {.tp = 4, .pp = 4, .dp = 4}));
  CHECK(refused("runs up to 64 ranks, not 65", "cpu", {.tp = 65}));
  CHECK(refused("runs up to 64 ranks, not 65", "cpu", {.pp = 5, .dp = 13}));
  CHECK(!refused("", "modelled", {.tp = 8}));
  CHECK(refused("--hardware 8xH100 has 8 ranks, not 9", "modelled", {.tp = 3, .pp = 3}));
  CHECK(!refused("", "cpu", {.tp = 8}, "8xlaptop"));
  CHECK(refused("--link 8xlaptop has 8 ranks, not 9", "cpu", {.tp = 9}, "8xlaptop"));
}

}  // namespace shardpipe
