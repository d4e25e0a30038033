// day01_tree_or_ring: from which size on a ring is faster than a tree. Answers come from core/cost.
#include "core/base/error.h"
#include "core/cost/collective_cost.h"
#include "labs/grade/questions.h"

namespace shardpipe {
namespace {

constexpr double kStep = 5e-6, kRingRate = 100e9, kTreeRate = 60e9;
constexpr double kSmall = 64 << 10, kLarge = 256 << 20;
constexpr double kTolerance = 0.01;

double ring_s(int ranks, double bytes, double step_s = kStep) {
  return all_reduce_s(bytes, ranks,
                      {.algorithm = Algorithm::ring, .step_s = step_s, .bytes_per_s = kRingRate});
}
double tree_s(int ranks, double bytes, double step_s = kStep) {
  return all_reduce_s(bytes, ranks,
                      {.algorithm = Algorithm::tree, .step_s = step_s, .bytes_per_s = kTreeRate});
}

// The size for which both take as long: for less the tree is faster, for more the ring.
double crossing(int ranks, double step_s = kStep) {
  double tree_wins = 0, ring_wins = 1e15;
  for (int i = 0; i < 200; ++i) {
    const double middle = (tree_wins + ring_wins) / 2;
    (tree_s(ranks, middle, step_s) < ring_s(ranks, middle, step_s) ? tree_wins : ring_wins) =
        middle;
  }
  return tree_wins;
}

int steps(Algorithm algorithm, int ranks) {
  return traffic_of(OpKind::all_reduce, algorithm, ranks, 1).steps;
}

Question crossing_question(int ranks) {
  const double answer = crossing(ranks), n = ranks;
  const double all = steps(Algorithm::ring, ranks), saved = all - steps(Algorithm::tree, ranks);
  return {.key = text("crossing_bytes_", ranks),
          .ask = text(ranks, " ranks: the size for which both take as long"),
          .unit = "bytes",
          .answer = answer,
          .tolerance = kTolerance,
          .guesses = {{"PREDICT-LARGE-N", "a rank sends 2 (n-1)/n S; 2 S is what it tends to",
                       answer * (n - 1) / n},
                      {"PREDICT-TREE-FREE",
                       "the tree has steps, too: what counts is how many fewer they are",
                       answer * all / saved},
                      {"PREDICT-RATE-NOT-TIME",
                       "divide by each rate and subtract the times; that subtracts the rates",
                       kStep * saved * (kRingRate - kTreeRate) / (2 * (n - 1) / n)}}};
}

Question time_question(const std::string& name, Algorithm algorithm, double answer,
                       double with_other_steps) {
  const bool is_ring = algorithm == Algorithm::ring;
  return {.key = name + "_us",
          .ask = text("64 ranks, 64 KiB: microseconds of the ", name),
          .unit = "us",
          .answer = answer * 1e6,
          .tolerance = kTolerance,
          .guesses = {{"PREDICT-ONE-PHASE",
                       "that is half of it: the sum must be formed, and then told to all",
                       answer / 2 * 1e6},
                      {is_ring ? "PREDICT-LOG-NOT-RANKS" : "PREDICT-RANKS-NOT-LOG",
                       is_ring ? "those are the steps of a tree; a part goes around all ranks"
                               : "what a rank knows doubles in each step: lg n steps, not n - 1",
                       with_other_steps * 1e6}}};
}

}  // namespace

std::vector<Question> tree_or_ring_questions() {
  const int n = 64;
  const double saved = steps(Algorithm::ring, n) - steps(Algorithm::tree, n);
  const double bytes_s = ring_s(n, kSmall, 0), tree_bytes_s = tree_s(n, kSmall, 0);
  return {{.key = "steps_saved",
           .ask = "64 ranks: how many steps fewer the tree has",
           .unit = "steps",
           .answer = saved,
           .guesses = {{"PREDICT-ONE-PHASE",
                        "that is half of it: the sum must be formed, and then told to all",
                        saved / 2}}},
          time_question("ring", Algorithm::ring, ring_s(n, kSmall),
                        bytes_s + kStep * steps(Algorithm::tree, n)),
          time_question("tree", Algorithm::tree, tree_s(n, kSmall),
                        tree_bytes_s + kStep * steps(Algorithm::ring, n)),
          {.key = "tree_over_ring",
           .ask = "64 ranks, 256 MiB: time of the tree / time of the ring",
           .unit = "times",
           .answer = tree_s(n, kLarge) / ring_s(n, kLarge),
           .tolerance = kTolerance,
           .guesses = {{"PREDICT-BYTES-ONLY",
                        "that leaves the steps out, and the ring's still count at this size",
                        kRingRate / kTreeRate},
                       {"PREDICT-STEPS-ONLY", "that leaves the bytes out, and there are many",
                        tree_s(n, 0) / ring_s(n, 0)}}},
          crossing_question(8),
          crossing_question(n),
          {.key = "crossing_of_twice_alpha",
           .ask = "steps of 10 us instead of 5: by what factor the crossing moves",
           .unit = "times",
           .answer = crossing(n, 2 * kStep) / crossing(n),
           .tolerance = kTolerance,
           .guesses = {
               {"PREDICT-ALPHA-CANCELS",
                "alpha is in both, but not as often: the ring has more steps", 1},
               {"PREDICT-WRONG-WAY", "the other way: slower steps are worse for the ring", 0.5}}}};
}

}  // namespace shardpipe
