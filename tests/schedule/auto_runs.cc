// Requests of lab schedule auto drawn by seed: the choice may be slower than no builder within the
// limit, must be right, hold no more than it may, and not be below its bound; where every order can
// be tried, it must be as fast as the fastest. Prints how often which was chosen.
//   auto_runs COUNT SEED
#include <cmath>
#include <cstdlib>
#include <map>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/run_main.h"
#include "core/base/terminal.h"
#include "core/schedule/auto_schedule.h"
#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "tests/schedule/all_orders.h"

namespace shardpipe {
namespace {

constexpr double kRounding = 1e-9;

class Draw {
 public:
  Draw(std::uint64_t seed, int run) : seed_(seed), run_(static_cast<std::uint64_t>(run)) {}

  int from(int least, int most) {
    const auto width = static_cast<std::uint64_t>(most - least + 1);
    return least + static_cast<int>(random_bits(seed_, run_, next_++) % width);
  }

 private:
  std::uint64_t seed_, run_, next_ = 0;
};

AutoRequest drawn(Draw& draw) {
  AutoRequest r{.ranks = draw.from(1, 6), .most_chunks = draw.from(1, 3)};
  const bool is_tiny = draw.from(0, 3) == 0;
  if (is_tiny) {
    r.ranks = draw.from(1, 3);
    r.most_chunks = 1;
  }
  r.microbatches = is_tiny ? draw.from(1, r.ranks == 3 ? 2 : 3) : draw.from(1, 3 * r.ranks);
  r.memory_limit = 1 + draw.from(0, 4 * r.ranks) / 2.0;
  if (draw.from(0, 2) != 0)
    r.costs = {.F = draw.from(1, 12) / 4.0,
               .I = draw.from(0, 12) / 4.0,
               .W = draw.from(0, 12) / 4.0,
               .C = draw.from(0, 2) == 0 ? draw.from(1, 8) / 8.0 : 0};
  return r;
}

std::string words_of(const AutoRequest& r) {
  return text("--stages ", r.ranks, " --microbatches ", r.microbatches, " --chunks ", r.most_chunks,
              " --memory-limit ", r.memory_limit, " --costs ", r.costs.F, ",", r.costs.I, ",",
              r.costs.W, ",", r.costs.C);
}

// The least makespan of the builders that keep one copy of the weights and keep to the limit.
double fastest_builder(const AutoRequest& r) {
  double least = INFINITY;
  for (const std::string& name : schedule_names())
    for (int v = 1; v <= r.most_chunks; ++v) try {
        if (name == "dualpipe" || name == "forward_only" || v < default_chunks(name)) continue;
        const Schedule s = build_schedule(name, r.ranks, r.microbatches, v);
        const Timing t = simulate(s, r.costs);
        if (most_held_by_a_rank(s, t) <= r.memory_limit * v) least = std::min(least, t.makespan);
      } catch (const Error&) {  // a size that it is not made for
      }
  return least;
}

bool is_tried_whole(const AutoRequest& r) {
  return r.most_chunks == 1 &&
         (r.microbatches <= 2 ? r.ranks <= 3 : r.microbatches == 3 && r.ranks <= 2);
}

// What is wrong with a choice, or nothing.
std::string objection(const AutoRequest& r, const AutoChoice& choice) {
  const Timing t = simulate(choice.schedule, r.costs);
  const double makespan = choice.chosen.makespan;
  if (const std::string wrong = check_schedule(choice.schedule); !wrong.empty()) return wrong;
  if (const std::string wrong = check_program(insert_messages(choice.schedule)); !wrong.empty())
    return wrong;
  if (t.makespan != makespan) return text("said ", makespan, ", takes ", t.makespan);
  const int held = most_held_by_a_rank(choice.schedule, t);
  if (held > r.memory_limit * choice.schedule.chunks) return text(held, " chunks held");
  const double builder = fastest_builder(r);
  if (makespan > builder * (1 + kRounding)) return text(makespan, ", a builder ", builder);
  if (choice.bound > makespan) return text("bound ", choice.bound, " over ", makespan);
  if (!is_tried_whole(r)) return "";
  const double least = least_makespan(placements(r.ranks, 1).front(), r.microbatches,
                                      static_cast<int>(r.memory_limit), r.costs);
  if (!choice.is_optimal) return "every order can be tried, and the search gave up";
  return std::abs(makespan - least) <= kRounding * least ? "" : text(makespan, ", least ", least);
}

int runs(int count, std::uint64_t seed) {
  std::map<std::string, int> chosen;
  int wrong = 0, optimal = 0, whole = 0;
  for (int number = 0; number < count; ++number) {
    Draw draw(seed, number);
    const AutoRequest request = drawn(draw);
    const AutoChoice choice = choose_schedule(request);
    ++chosen[choice.chosen.name];
    optimal += choice.is_optimal;
    whole += is_tried_whole(request);
    const std::string found = objection(request, choice);
    if (found.empty()) continue;
    ++wrong;
    say(text(words_of(request), ": ", choice.chosen.name, ": ", found, "\n"));
  }
  for (const auto& [name, times] : chosen) print("%-18s chosen %d times\n", name.c_str(), times);
  print("%d requests of seed %llu: %d wrong; %d said to be optimal; every order tried of %d\n",
        count, static_cast<unsigned long long>(seed), wrong, optimal, whole);
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace shardpipe

int main(int argc, char** argv) {
  using namespace shardpipe;
  return run_main([&] {
    if (argc != 3) usage_error("auto_runs COUNT SEED");
    return runs(std::atoi(argv[1]), static_cast<std::uint64_t>(std::atoll(argv[2])));
  });
}
