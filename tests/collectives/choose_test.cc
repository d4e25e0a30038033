// choose_all_reduce against the modelled machine it predicts.
#include "core/collectives/choose.h"

#include <cmath>
#include <iostream>
#include <map>

#include "core/cost/roofline.h"
#include "tests/collectives/ways.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

using enum AllReduceAlgorithm;

struct Machine {
  std::string profile = {};
  int ranks = 0, nodes = 1;
  Placement placement() const { return {ranks, nodes, ranks / nodes}; }
};

const std::vector<Machine> kMachines = {{"8xH100", 2}, {"8xH100", 4},      {"8xH100", 6},
                                        {"8xH100", 8}, {"8xA100", 8},      {"laptop", 4},
                                        {"laptop", 8}, {"2x8xH100", 16, 2}};

// Seconds of every algorithm by name: one run, one step a measurement, all ranks in step.
std::map<std::string, double> measured(const Machine& machine, const Hardware& hardware,
                                       Index elements) {
  std::map<std::string, double> seconds;
  for (const AllReduceAlgorithm a : flat_all_reduce_algorithms()) seconds[name_of(a)] = 0;
  if (machine.nodes > 1) seconds["hierarchical"] = 0;
  for (auto& [name, s] : seconds) {
    const AllReduceAlgorithm algorithm = parse_all_reduce_algorithm(name);
    const RunReport report = run_modelled(
        {.grid = {.tp = machine.ranks}}, RooflineModel(hardware), [&](RankContext& ctx) {
          const Tensor x(ctx.device, {elements}, DType::bf16);
          std::unique_ptr<HierarchicalAllReduce> groups;
          if (algorithm == hierarchical)
            groups = std::make_unique<HierarchicalAllReduce>(collective_of(ctx),
                                                             hardware.ranks_per_node);
          ctx.math.fill(x, 0, ctx.compute);
          ctx.begin_window();
          if (groups)
            groups->all_reduce(x, ReduceOp::sum);
          else
            all_reduce(x, ReduceOp::sum, algorithm, collective_of(ctx));
          ctx.end_window();
        });
    s = 1e-9 * static_cast<double>(report.trace.wall_ns);
  }
  return seconds;
}

}  // namespace

TEST_CASE("the chosen algorithm is within 5 % of the fastest on the modelled machine") {
  for (const Machine& machine : kMachines) {
    const Hardware hardware = load_hardware(machine.profile);
    for (Index elements = 64; elements <= Index{1} << 26; elements *= 4) {
      const double bytes = 2.0 * static_cast<double>(elements);
      const auto choice = choose_all_reduce(hardware, machine.placement(), bytes, DType::bf16);
      const auto seconds = measured(machine, hardware, elements);
      auto fastest = seconds.begin();
      for (auto it = seconds.begin(); it != seconds.end(); ++it)
        if (it->second < fastest->second) fastest = it;
      INFO(machine.ranks << " ranks of " << machine.profile << ", " << bytes << " bytes: chosen "
                         << name_of(choice.algorithm) << ", fastest " << fastest->first);
      CHECK(seconds.at(name_of(choice.algorithm)) <= 1.05 * fastest->second);
    }
  }
}

// A launch costs 5 us on 8xH100, so that the fewest additions win and not the fewest exchanges:
// recursive_doubling (3 of each) before one_shot (1 exchange, 7 additions). Where submitting costs
// nothing, one_shot wins.
TEST_CASE("few bytes: the fewest operations; many bytes: the fewest bytes") {
  Hardware hardware = load_hardware("8xH100");
  const auto choice = [&](double bytes) {
    return choose_all_reduce(hardware, {8, 1, 8}, bytes, DType::bf16).algorithm;
  };
  const auto bytes_of = [](AllReduceAlgorithm a) { return traffic_of(a, {8, 0, 1 << 20}).bytes; };
  CHECK(choice(256) == recursive_doubling);
  for (const AllReduceAlgorithm a : flat_all_reduce_algorithms())
    if (a != binomial_tree)  // some ranks send less than 2 (n-1)/n S, none receives less
      CHECK(bytes_of(choice(1e9)) <= bytes_of(a) * (1 + 1e-9));
  hardware.launch_s = hardware.kernel_minimum_s = 0;
  CHECK(choice(256) == one_shot);
}

TEST_CASE("on slow links between nodes only hierarchical stays off them") {
  const Hardware hardware = load_hardware("2x8xH100");
  CHECK(choose_all_reduce(hardware, {16, 2, 8}, 1e9, DType::bf16).algorithm == hierarchical);
  CHECK(std::isinf(predicted_s(hierarchical, hardware, {8, 1, 8}, 1e6, DType::bf16)));
  CHECK(std::isinf(predicted_s(hierarchical, hardware, {10, 2, 8}, 1e6, DType::bf16)));
  CHECK(predicted_s(ring, hardware, {1, 1, 1}, 1e6, DType::bf16) == 0);
}

// build/test_collectives "[seconds]" prints the sweep.
TEST_CASE("modelled and predicted microseconds of every algorithm", "[.][seconds]") {
  for (const Machine& machine : kMachines) {
    const Hardware hardware = load_hardware(machine.profile);
    for (Index elements = 64; elements <= Index{1} << 26; elements *= 16) {
      const double bytes = 2.0 * static_cast<double>(elements);
      std::cout << machine.ranks << " of " << machine.profile << ", " << bytes << " bytes:";
      for (const auto& [name, s] : measured(machine, hardware, elements))
        std::cout << "  " << name << " " << s * 1e6 << " ("
                  << 1e6 * predicted_s(parse_all_reduce_algorithm(name), hardware,
                                       machine.placement(), bytes, DType::bf16)
                  << ")";
      std::cout << "\n";
    }
  }
}

}  // namespace shardpipe
