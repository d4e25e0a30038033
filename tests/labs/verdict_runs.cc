// Right runs drawn by seed, and what the verdict says of them: none may be called different. Prints
// how sharp its bounds are.
//   verdict_runs COUNT SEED
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "core/base/random.h"
#include "core/base/run_main.h"
#include "core/base/terminal.h"
#include "labs/lab.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

class Draw {
 public:
  Draw(std::uint64_t seed, int run) : seed_(seed), run_(static_cast<std::uint64_t>(run)) {}

  std::uint64_t bits() { return random_bits(seed_, run_, next_++); }
  double uniform() { return random_uniform(seed_, run_, next_++); }
  template <class T>
  T of(std::initializer_list<T> values) {
    return values.begin()[bits() % values.size()];
  }
  const std::string& of(const std::vector<std::string>& values) {
    return values[bits() % values.size()];
  }

 private:
  std::uint64_t seed_, run_, next_ = 0;
};

// The rates at which these models learn, and those at which they diverge.
std::string rate(Draw& draw) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.3g", std::pow(10, -4 + 5 * draw.uniform()));
  return digits;
}

struct Drawn {
  const Lab& lab;
  LabOptions options = {};
};

void draw_shape(Draw& draw, LabOptions& o) {
  const Index heads = draw.of<Index>({2, 3, 4, 6, 8, 12}), head = draw.of<Index>({4, 8, 16});
  o.shape.layers = draw.of<Index>({1, 2, 4, 8});
  o.shape.heads = heads;
  o.shape.hidden = heads * head;
  o.shape.ffn = heads * head * draw.of<Index>({1, 2, 4});
  o.shape.kv_heads = draw.of<Index>({heads, heads, 1, 2});
  o.shape.seq = draw.of<Index>({4, 16, 32});
  o.shape.batch = o.shape.microbatches.value_or(draw.of<Index>({1, 2, 4})) * o.grid.dp;
  o.shape.vocab = draw.of<Index>({256, 257, 300});
}

Drawn drawn(Draw& draw) {
  const Lab& lab =
      find_lab(draw.of<std::string>({"tp-train", "tp-train", "hybrid-train", "pp-recompute",
                                     "tp-block", "tp-sequence-parallel"}));
  LabOptions o{.device = "cpu", .technique = draw.of(lab.techniques)};
  for (const Toggle& t : lab.toggles) {
    o.toggles[t.name] = t.default_value;
    if (!t.values.empty() && draw.bits() % 2 == 0) o.toggles[t.name] = draw.of(t.values);
  }
  if (o.toggles.count("learning-rate") != 0) o.toggles["learning-rate"] = rate(draw);
  if (o.toggles.count("clip") != 0 && draw.bits() % 3 == 0) o.toggles["clip"] = "0.5";
  o.grid.tp = draw.of({1, 2, 3, 4});
  if (lab.has_pipeline) {
    o.grid.pp = draw.of({1, 2, 4});
    o.grid.dp = draw.of({1, 2});
    o.shape.microbatches = draw.of({2, 4, 8});
  }
  draw_shape(draw, o);
  o.steps = draw.of({1, 3, 4});
  o.seed = draw.bits() % 1000;
  return {lab, o};
}

// Over the runs: bound over difference.
struct Sharpness {
  std::string what = {};
  std::vector<double> all = {};

  void add(const ComparedResult& c) { all.push_back(1 / c.of_bound()); }
  double at(double share) const {
    return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
  }
  void print_line() {
    std::sort(all.begin(), all.end());
    print("%-8s  %5zu   %8.2f %8.1f %8.1f %8.1f\n", what.c_str(), all.size(), at(0), at(0.1),
          at(0.5), at(0.9));
  }
};

struct Count {
  int compared = 0, bitwise = 0, alarms = 0, diverged = 0;
  Sharpness tensors = {"tensors"}, losses = {"losses"};

  void add(const LabResult& r) {
    const Check& c = *r.check;
    ++compared;
    bitwise += c.bitwise;
    diverged += c.diverged;
    if (!c.passed()) {
      ++alarms;
      say(to_text(r));
    }
    for (const ComparedResult& one : c.compared)
      if (one.difference > 0) (one.what.starts_with("the first") ? losses : tensors).add(one);
  }
};

int runs(int count, std::uint64_t seed) {
  Count all;
  for (int number = 0; all.compared < count; ++number) {
    Draw draw(seed, number);
    const Drawn d = drawn(draw);
    if (d.options.grid.ranks() == 1 || d.options.grid.ranks() > 16) continue;
    try {
      all.add(d.lab.run(d.options));
    } catch (const Error& e) {
      if (e.code() != ExitCode::usage) throw;  // a split that does not exist
    }
  }
  print("bound / difference   closest  one in 10   median  nine in 10\n");
  all.tensors.print_line();
  all.losses.print_line();
  print("%d right runs of seed %llu: %d called different; %d equal bit for bit, %d diverged\n",
        all.compared, static_cast<unsigned long long>(seed), all.alarms, all.bitwise, all.diverged);
  return all.alarms == 0 ? 0 : 1;
}

}  // namespace
}  // namespace shardpipe

int main(int argc, char** argv) {
  using namespace shardpipe;
  return run_main([&] {
    if (argc != 3) usage_error("verdict_runs COUNT SEED");
    return runs(std::atoi(argv[1]), static_cast<std::uint64_t>(std::atoll(argv[2])));
  });
}
