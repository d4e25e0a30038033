// Mutants: a solution with one statement left out, or one operator or number changed. Each must
// earn less than 100, or the grader overlooks something; those that do the same as the solution are
// listed in tests/exercises/<id>/equivalent.txt, with the reason.
#pragma once

#include <functional>

#include "labs/learn/variants.h"

namespace shardpipe {

// By a name that says where: "r1_l7_left_out".
Variants mutants_of(const std::string& solution, const std::string& file);

// `count` of them, those that a seed picks; all of them if there are not so many.
Variants sample_of(const Variants& all, std::size_t count, std::uint64_t seed);

struct MutantOptions {
  int sample = 0;  // of each exercise; 0: all
  std::uint64_t seed = 1;
};

// Of those that compile. complain: what should not be, a sentence each.
using Complain = std::function<void(const std::string&)>;
std::map<std::string, CheckResult> grade_mutants(const ExerciseFile& exercise,
                                                 const MutantOptions& options,
                                                 const Complain& complain);

}  // namespace shardpipe
