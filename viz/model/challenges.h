// Challenges of the playground: a pipeline to begin with, what may not be touched, and a goal.
#pragma once

#include <string>
#include <vector>

#include "viz/model/playground.h"

namespace shardpipe::viz {

struct Challenge {
  std::string name = {}, goal = {};
  PlaygroundSettings start = {};
  std::vector<std::string> fixed = {};  // names of knobs that stay as they are at the start
  // Limits; 0: none.
  double bubble_over_ideal = 0;
  double held_microbatches = 0;  // on the rank that holds most
  double makespan = 0;
  double bytes = 0;                // on the rank that needs most
  PlaygroundSettings answer = {};  // one that meets the goal; there may be others
};

const std::vector<Challenge>& challenges();

// What is still wrong, or "" if the goal is met: "bubble 75.0 %, at most 10.0 % is asked".
std::string unmet(const Challenge& challenge, const PlaygroundSettings& settings,
                  const Played& played);

}  // namespace shardpipe::viz
