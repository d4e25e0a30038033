#include "labs/bench/rivals.h"

#include <unistd.h>

#include <cstdio>
#include <sstream>

#include "core/base/error.h"
#include "core/base/shell_word.h"
#include "core/launch/parts.h"
#include "core/launch/processes.h"

namespace shardpipe {
namespace {

struct Rival {
  const char *name, *file, *package;
};

constexpr Rival kMpi = {"mpi", "mpi_collective_times", "libopenmpi-dev openmpi-bin"};
constexpr Rival kGloo = {"gloo", "gloo_collective_times", "libgloo-dev"};

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen((command + " 2>/dev/null </dev/null").c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[512];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  return pclose(pipe) == 0 ? out : "";
}

void add(CollectiveSweep& sweep, const Rival& rival, const std::string& command) {
  const std::string file = beside_library(rival.file);
  if (access(file.c_str(), X_OK) != 0) {
    const std::string how = how_to_build(rival.file);
    sweep.notes.push_back(
        how.empty() ? text(rival.name, ": not compared, it was not found when this was built ",
                           "(Debian, Ubuntu: ", rival.package, ")")
                    : text(rival.name, ": not compared, ", how));
    return;
  }
  std::string arguments;
  const std::vector<TimedSize>& sizes = sweep.algorithms[0].points;
  for (const TimedSize& p : sizes) {
    const auto bytes = static_cast<std::int64_t>(p.bytes);
    arguments += text(" ", bytes / 4, ":", calls_for(bytes));
  }
  AlgorithmTimes times{.name = rival.name,
                       .points = parse_times(output_of(command + arguments), sizes)};
  if (times.points.empty())
    sweep.notes.push_back(text(rival.name, ": not compared, it does not run here: ", command));
  else
    sweep.rivals.push_back(std::move(times));
}

}  // namespace

std::vector<TimedSize> parse_times(const std::string& lines, const std::vector<TimedSize>& sizes) {
  std::istringstream in(lines);
  std::vector<TimedSize> points;
  for (const TimedSize& size : sizes) {
    double elements = 0, seconds = 0;
    if (!(in >> elements >> seconds) || 4 * elements != size.bytes || !(seconds > 0)) return {};
    points.push_back({size.bytes, seconds});
  }
  return points;
}

void add_rivals(CollectiveSweep& sweep) {
  const CollectiveBench& bench = sweep.bench;
  if (bench.is_modelled()) return;
  const std::string kind = name_of(bench.kind);
  const auto program = [](const Rival& rival) {
    return shell_word(beside_library(rival.file)) + " ";
  };
  std::string mpirun;
  for (const std::string& word : words_of_mpirun(bench.ranks)) mpirun += word + " ";
  add(sweep, kMpi, text(mpirun, program(kMpi), kind));
  if (bench.kind == OpKind::reduce_scatter)
    sweep.notes.push_back("gloo: not compared, it has no reduce_scatter of any size");
  else
    add(sweep, kGloo, text(program(kGloo), bench.ranks, " ", kind));
}

}  // namespace shardpipe
