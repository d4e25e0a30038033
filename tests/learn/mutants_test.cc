// What a mutant is, and which of them a sample has.
#include "labs/learn/mutants.h"

#include "labs/learn/answer.h"
#include "labs/learn/mutations.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr const char* kSolution =
    "int f(int n) {\n"
    "  // >>> region 1: something (about 3 lines)\n"
    "  const int all = n + 1;\n"
    "  call(all);  // a + b is no code\n"
    "  return all < 3;\n"
    "  // <<< region 1\n"
    "}\n";

std::vector<std::string> names_of(const Variants& variants) {
  std::vector<std::string> names;
  for (const auto& [name, source] : variants) names.push_back(name);
  return names;
}

}  // namespace

TEST_CASE("mutants leave out a statement or change an operator, of code alone") {
  const Variants all = mutants_of(kSolution, "solution.cc");
  CHECK(names_of(all) ==
        std::vector<std::string>{"r1_l1_minus1", "r1_l1_not_one_more1", "r1_l3_at_most1"});
  CHECK(all.at("r1_l1_minus1").find("all = n - 1;") != std::string::npos);
  CHECK(all.at("r1_l1_not_one_more1").find("all = n;") != std::string::npos);
  CHECK(all.at("r1_l3_at_most1").find("all <= 3;") != std::string::npos);
}

TEST_CASE("mutations of a source: both sides of bounds, and, or, not, exchanged arguments, locks") {
  const std::string source =
      "  std::lock_guard lock(mutex_);\n"
      "  if (!a || call(first, second)) b = std::max(c, 1);  // x <= y\n"
      "void call(int first, int second);\n";
  std::map<std::string, std::string> all;
  for (const Mutation& m : source_mutations_of(source)) all[m.name] = with(source, m);
  CHECK(all.at("l1_left_out").find("lock") == std::string::npos);
  CHECK(all.at("l2_and1").find("!a && call") != std::string::npos);
  CHECK(all.at("l2_not_not1").find("if (a ||") != std::string::npos);
  CHECK(all.at("l2_min1").find("std::min(c, 1)") != std::string::npos);
  CHECK(all.count("l2_below1") == 0);  // a comment
  const std::string twice = "  f(first, second);\n";
  for (const Mutation& m : source_mutations_of(twice))
    if (m.name == "l1_swapped1") CHECK(with(twice, m) == "  f(second, first);\n");
  CHECK(source_mutations_of(twice).size() == 2);  // it is left out, or its arguments exchanged
}

TEST_CASE("a sample of mutants is as large as asked for, and the same for a seed") {
  Variants all;
  for (int i = 0; i < 40; ++i) all[text("m", i)] = text("source ", i);
  const Variants sample = sample_of(all, 5, 1);
  CHECK(sample.size() == 5);
  for (const auto& [name, source] : sample) CHECK(all.at(name) == source);
  CHECK(sample_of(all, 5, 1) == sample);
  CHECK(sample_of(all, 5, 2) != sample);
  CHECK(sample_of(all, 100, 1) == all);
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    for (const auto& [name, source] : sample_of(all, 5, seed)) seen.insert(name);
  CHECK(seen.size() == all.size());
}

TEST_CASE("the function of a symbol is its name without arguments and versions") {
  CHECK(function_in("0000000000001234 t shardpipe::f(shardpipe::Tensor, int)") == "shardpipe::f");
  CHECK(function_in("                 U shardpipe::Mlp::Mlp(int)") == "shardpipe::Mlp::Mlp");
  CHECK(function_in("0000000000001234 t shardpipe::f(int)::{lambda()#1}::operator()() const") ==
        "shardpipe::f");
  CHECK(function_in("                 U vtable for shardpipe::Mlp") == "shardpipe::Mlp::Mlp");
  CHECK(function_in("                 U dlsym@GLIBC_2.34") == "dlsym");
  CHECK(function_in("                 w __gmon_start__") == "__gmon_start__");
}

}  // namespace shardpipe
