// Budgets of collectives, and the words of sums that are made of digits.
#include "labs/grade/budgets.h"

#include "labs/grade/data.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

Call call(OpKind kind, const char* axis, std::int64_t bytes, Phase phase) {
  return {.kind = kind, .axis = axis, .group = {}, .bytes = bytes, .messages = {}, .phase = phase};
}

// What one rank did.
double measured(const Budget& budget, std::vector<Call> calls) {
  RunFacts facts;
  facts.ranks = {{}, {.calls = std::move(calls), .peak_bytes = 0}};
  return budget.measure(facts, 1);
}

}  // namespace

TEST_CASE("collectives are counted by kind, axis and phase") {
  const std::vector<Call> calls = {call(OpKind::all_reduce, "tp", 100, Phase::forward),
                                   call(OpKind::all_reduce, "tp", 10, Phase::backward_input),
                                   call(OpKind::all_reduce, "world", 1000, Phase::forward),
                                   call(OpKind::all_gather, "tp", 10000, Phase::forward)};
  const Collectives all{.kind = OpKind::all_reduce, .axis = "tp", .phase = Phase::none};
  const Collectives forward{.kind = OpKind::all_reduce, .axis = "tp", .phase = Phase::forward};
  CHECK(measured(calls_of(all, 2), calls) == 2);
  CHECK(measured(calls_of(forward, 1), calls) == 1);
  CHECK(measured(bytes_of(all, 110), calls) == 110);
  CHECK(measured(bytes_of(forward, 100), calls) == 100);
  CHECK(measured(no_calls_but(all), calls) == 2);
  CHECK(measured(no_calls_but(forward), calls) == 3);
  const Collectives gathers{.kind = OpKind::all_gather, .axis = "tp", .phase = Phase::forward};
  CHECK(measured(no_calls_but(std::vector{forward, gathers}), calls) == 2);
}

TEST_CASE("such a budget is exact, and names what it counts") {
  const Budget one = calls_of({.kind = OpKind::all_gather, .axis = "dp", .phase = {}}, 3);
  CHECK(one.most(0) == 3);
  CHECK(one.least(0) == 3);
  CHECK(one.what == "x all_gather on dp");
  CHECK(bytes_of({.kind = OpKind::all_reduce, .axis = "tp", .phase = Phase::forward}, 1).what ==
        "bytes in all_reduce on tp in forward");
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp", .phase = Phase::none};
  const Collectives gathers{.kind = OpKind::all_gather, .axis = "dp", .phase = Phase::none};
  CHECK(no_calls_but(std::vector{sums, gathers}).what ==
        "x something other than all_reduce on tp and all_gather on dp");
}

TEST_CASE("a sum says which terms it is made of") {
  const std::vector<Term> terms = {{"rank 0"}, {"rank 1"}, {"rank 2", false}, {"the bias"}};
  CHECK(terms_in(1 + 8 + 512, terms) == "made of rank 0 once, rank 1 once, the bias once");
  CHECK(terms_in(2 + 64 + 3 * 512, terms) ==
        "made of rank 0 twice, rank 2 once, the bias 3 times, or of fewer terms 8 times and more; "
        "missing: rank 1");
  CHECK(terms_in(0, terms) == "nothing is in it");
  CHECK(terms_in(-1, terms).empty());
  CHECK(terms_in(1.5, terms).empty());
  CHECK(terms_in(4096, terms).empty());
  CHECK(ranks_in(1 + 2 * 64, 3) == "made of rank 0 once, rank 2 twice; missing: rank 1");
  CHECK(ranks_in(1, 3, Missing::is_fine) == "made of rank 0 once");
}

}  // namespace shardpipe
