#include "labs/learn/mutants.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/input_file.h"
#include "core/base/random.h"
#include "labs/grade/regions.h"
#include "labs/learn/mutations.h"

namespace shardpipe {
namespace {

// Short: a mutant that never ends is as wrong as one that does.
constexpr double kMutantSeconds = 0.3;
constexpr std::uint64_t kMutantSeed = 11;  // of the data

// Mutants that do the same as the solution: "NAME reason", a line each.
std::set<std::string> equivalent_mutants(const ExerciseFile& e) {
  const std::string file = data_root() + "/tests/exercises/" + e.id + "/equivalent.txt";
  std::set<std::string> names;
  if (!is_there(file)) return names;
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    if (space != std::string::npos) names.insert(line.substr(0, space));
  }
  return names;
}

}  // namespace

Variants mutants_of(const std::string& solution, const std::string& file) {
  Variants all;
  for (const Region& region : regions_of(solution, file))
    for (const Mutation& m : mutations_of(solution, region.begin, region.end))
      all[text("r", region.number, "_", m.name)] = with(solution, m);
  return all;
}

Variants sample_of(const Variants& all, std::size_t count, std::uint64_t seed) {
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [name, source] : all)
    order.emplace_back(random_bits(seed, 0, order.size()), name);
  std::sort(order.begin(), order.end());
  Variants sample;
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i)
    sample[order[i].second] = all.at(order[i].second);
  return sample;
}

std::map<std::string, CheckResult> grade_mutants(const ExerciseFile& exercise,
                                                 const MutantOptions& options,
                                                 const Complain& complain) {
  const std::set<std::string> equivalent = equivalent_mutants(exercise);
  const std::string file = exercise.solution_file();
  Variants mutants = mutants_of(read_file(file), file);
  for (const std::string& name : equivalent)
    if (mutants.count(name) == 0)
      complain(text("equivalent.txt lists ", name, ", and there is no such mutant"));
  if (options.sample > 0)
    mutants = sample_of(mutants, static_cast<std::size_t>(options.sample), options.seed);
  const BuiltVariants built = build_variants(exercise, mutants);
  std::vector<std::string> names;
  for (const auto& [name, source] : mutants)
    if (built.not_compiled.count(name) == 0) names.push_back(name);
  auto results = grade_variants(exercise, built.library, names, kMutantSeed, kMutantSeconds);
  for (const auto& [name, got] : results) {
    if (got.score == 100 && equivalent.count(name) == 0)
      complain(text("the mutant ", name, " earns 100"));
    if (got.score < 100 && equivalent.count(name) != 0)
      complain(text("the mutant ", name, " is listed as equivalent and earns ", got.score));
  }
  return results;
}

}  // namespace shardpipe
