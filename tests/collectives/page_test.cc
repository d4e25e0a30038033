// docs/collectives.md: its tables are computed. LAB_UPDATE_TABLES=1 ./build/test_collectives
// rewrites them.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "core/collectives/choose.h"
#include "core/collectives/traffic.h"
#include "core/collectives/trees.h"
#include "tests/support/computed_page.h"

namespace shardpipe {
namespace {

std::string number(double value, const char* pattern) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

std::string between(double least, double most) {
  const std::string low = number(least, "%.3g"), high = number(most, "%.3g");
  return low == high ? high : low + " .. " + high;
}

std::string traffic_table(int n) {
  std::string out = "| all_reduce | steps | bytes sent / S |\n|---|---|---|\n";
  constexpr Index elements = 840;  // even parts
  for (const AllReduceAlgorithm a : flat_all_reduce_algorithms()) {
    double least_steps = INFINITY, most_steps = 0, least = INFINITY, most = 0;
    for (int rank = 0; rank < n; ++rank) {
      const Traffic t = traffic_of(a, {n, rank, elements});
      least_steps = std::min(least_steps, double{1} * t.steps);
      most_steps = std::max(most_steps, double{1} * t.steps);
      least = std::min(least, t.bytes / (4 * elements));
      most = std::max(most, t.bytes / (4 * elements));
    }
    out += text("| `", name_of(a), "` | ", between(least_steps, most_steps), " | ",
                between(least, most), " |\n");
  }
  return out;
}

// A line a level, the root first; a rank stands where it stands in the order of the walk.
std::string tree_picture(int n, int tree) {
  std::string out;
  for (int level = two_tree_levels(n); level >= 0; --level) {
    std::string line = text("tree ", tree, ", level ", level, "  ");
    for (int position = 0; position < n; ++position) {
      const int rank = (position + n - tree) % n;
      line += two_tree_node(rank, n, tree).level == level ? text("  ", rank) : "   ";
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string bytes_name(double bytes) {
  if (bytes >= 1 << 30) return number(bytes / (1 << 30), "%.0f GiB");
  if (bytes >= 1 << 20) return number(bytes / (1 << 20), "%.0f MiB");
  return number(bytes / 1024, "%.0f KiB");
}

std::string header(const std::string& first, const std::vector<double>& sizes) {
  std::string names = "| " + first + " |", rule = "|---|";
  for (const double bytes : sizes) {
    names += " " + bytes_name(bytes) + " |";
    rule += "---|";
  }
  return names + "\n" + rule + "\n";
}

Placement placement_of(const Hardware& hardware, int ranks) {
  const int nodes = std::max(1, ranks / hardware.ranks_per_node);
  return {ranks, nodes, ranks / nodes};
}

std::string best_table() {
  const std::vector<double> sizes = {1 << 10, 1 << 16, 1 << 20, 1 << 24, 1 << 28};
  std::string out = header("modelled machine, bf16", sizes);
  const std::vector<std::pair<std::string, int>> machines = {
      {"8xH100", 2}, {"8xH100", 4}, {"8xH100", 6}, {"8xH100", 8},
      {"8xA100", 8}, {"laptop", 4}, {"laptop", 8}, {"2x8xH100", 16}};
  for (const auto& [profile, ranks] : machines) {
    const Hardware hardware = load_hardware(profile);
    out += text("| ", ranks, " ranks of ", profile, " |");
    for (const double bytes : sizes)
      out += text(
          " ",
          name_of(choose_all_reduce(hardware, placement_of(hardware, ranks), bytes, DType::bf16)
                      .algorithm),
          " |");
    out += "\n";
  }
  return out;
}

std::string times_table(const std::string& profile, int ranks) {
  const std::vector<double> sizes = {1 << 10, 1 << 16, 1 << 20, 1 << 24, 1 << 28};
  const Hardware hardware = load_hardware(profile);
  std::string out = header("predicted, us", sizes);
  std::vector<AllReduceAlgorithm> all = flat_all_reduce_algorithms();
  if (ranks > hardware.ranks_per_node) all.push_back(AllReduceAlgorithm::hierarchical);
  for (const AllReduceAlgorithm a : all) {
    out += text("| `", name_of(a), "` |");
    for (const double bytes : sizes)
      out +=
          " " +
          number(1e6 * predicted_s(a, hardware, placement_of(hardware, ranks), bytes, DType::bf16),
                 "%.0f") +
          " |";
    out += "\n";
  }
  return out;
}

std::string computed(const std::string& command) {
  std::istringstream words(command);
  std::string what, profile;
  int n = 0;
  words >> what;
  if (what == "best") return best_table();
  if (what == "times") {
    words >> profile >> n;
    return times_table(profile, n);
  }
  words >> n;
  if (what == "traffic") return traffic_table(n);
  if (what == "trees") return "```\n" + tree_picture(n, 0) + "\n" + tree_picture(n, 1) + "```\n";
  fail("docs/collectives.md asks for " + command);
}

}  // namespace

TEST_CASE("docs/collectives.md holds what the code computes") {
  const std::string page = check_page("collectives.md", 6, computed);
  for (const AllReduceAlgorithm a : flat_all_reduce_algorithms())
    CHECK(page.find(text("| `", name_of(a), "` |")) != std::string::npos);
}

}  // namespace shardpipe
