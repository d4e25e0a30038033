// day01_five_algorithms: steps and bytes of five all-reduces. The answers are what the exchange
// counter of the busiest rank shows (core/collectives/traffic.h).
#include <algorithm>

#include "core/collectives/traffic.h"
#include "labs/grade/questions.h"

namespace shardpipe {
namespace {

using enum AllReduceAlgorithm;

constexpr int kRanks = 32, kLog = 5;
constexpr double kBytes = 1 << 22;  // S

Traffic busiest(AllReduceAlgorithm algorithm) {
  Traffic most;
  for (int rank = 0; rank < kRanks; ++rank) {
    const Traffic one =
        traffic_of(algorithm, {.ranks = kRanks, .rank = rank, .elements = (1 << 22) / 4});
    most.steps = std::max(most.steps, one.steps);
    most.bytes = std::max(most.bytes, one.bytes);
  }
  return most;
}

KnownGuess one_phase(double value) {
  return {"PREDICT-ONE-PHASE", "that is half of it: the sum must be formed, and then told to all",
          value};
}
KnownGuess ranks_not_log(double value) {
  return {"PREDICT-RANKS-NOT-LOG", "what a rank knows doubles in each step: lg n steps, not n - 1",
          value};
}
KnownGuess whole_tensor(double value) {
  return {"PREDICT-WHOLE-TENSOR", "that sends the whole tensor where a part is needed", value};
}
KnownGuess idlest(double value) {
  return {"PREDICT-IDLEST", "that is the tensor, sent once; the busiest rank sends it more often",
          value};
}
KnownGuess both_ways(double value) {
  return {"PREDICT-BOTH-WAYS", "on the way to it the root receives; it sends on the way back only",
          value};
}

std::vector<KnownGuess> guesses_of_steps(AllReduceAlgorithm algorithm) {
  const double n = kRanks, lg = kLog;
  const KnownGuess long_ring = {"PREDICT-STEP-TOO-MANY",
                                "after n - 1 steps a ring has been everywhere, and not after n",
                                2 * n};
  switch (algorithm) {
    case naive: return {one_phase(n - 1), both_ways(2 * (n - 1))};
    case ring: return {one_phase(n - 1), long_ring};
    case recursive_doubling: return {ranks_not_log(n - 1)};
    case binomial_tree: return {one_phase(lg), ranks_not_log(2 * (n - 1))};
    default: return {one_phase(1), ranks_not_log(2 * (n - 1))};
  }
}

std::vector<KnownGuess> guesses_of_bytes(AllReduceAlgorithm algorithm) {
  const double n = kRanks, lg = kLog, answer = busiest(algorithm).bytes;
  std::vector<KnownGuess> all = {
      {"PREDICT-ELEMENTS", "those are numbers; a float32 has four bytes", answer / 4}};
  switch (algorithm) {
    case naive: all.insert(all.end(), {idlest(kBytes), both_ways(2 * answer)}); break;
    case ring:
      all.insert(all.end(), {one_phase(answer / 2), whole_tensor(2 * (n - 1) * kBytes)});
      break;
    case recursive_doubling: all.push_back(idlest(kBytes)); break;
    case binomial_tree: all.insert(all.end(), {idlest(kBytes), both_ways(2 * lg * kBytes)}); break;
    default: all.insert(all.end(), {one_phase(answer / 2), whole_tensor(2 * (n - 1) * kBytes)});
  }
  return all;
}

}  // namespace

std::vector<Question> five_algorithm_questions() {
  std::vector<Question> all;
  for (const AllReduceAlgorithm algorithm :
       {naive, ring, recursive_doubling, binomial_tree, two_shot}) {
    const Traffic most = busiest(algorithm);
    const std::string name = name_of(algorithm);
    all.push_back({.key = name + "_steps",
                   .ask = name + ": steps of the rank that has most",
                   .unit = "steps",
                   .answer = static_cast<double>(most.steps),
                   .guesses = guesses_of_steps(algorithm)});
    all.push_back({.key = name + "_bytes",
                   .ask = name + ": bytes that the busiest rank sends",
                   .unit = "bytes",
                   .answer = most.bytes,
                   .guesses = guesses_of_bytes(algorithm)});
  }
  return all;
}

}  // namespace shardpipe
