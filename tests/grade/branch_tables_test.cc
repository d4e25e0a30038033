// What day04_sequence_block is graded by: the oracle's gradients against differences of its
// outputs, what its probes say of sums, and budgets of several kinds of collectives.
#include "labs/grade/day04/branch_tables.h"

#include "labs/grade/day04/calls.h"
#include "labs/grade/groups.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr GridShape kGrid = {.tp = 3, .pp = 1, .dp = 2};

struct Branch {
  BranchTables tables;
  Table x, dy;
};

// The loss whose gradient with respect to y is dy.
double loss(const Branch& of) {
  const Table y = branch_forward_of(of.tables, of.x).y;
  double sum = 0;
  for (std::size_t i = 0; i < y.numbers.size(); ++i)
    sum += y.numbers[i].value * of.dy.numbers[i].value;
  return sum;
}

// Of the loss, which is linear in every single number: so differences are exact but for rounding.
double furthest_from_differences(const Table& gradient, Branch of, Table& (*pick)(Branch&)) {
  Table& at = pick(of);
  double furthest = 0;
  for (std::size_t i = 0; i < at.numbers.size(); ++i) {
    const double below = loss(of);
    at.numbers[i].value += 1;
    furthest = std::max(furthest, std::abs(loss(of) - below - gradient.numbers[i].value));
    at.numbers[i].value -= 1;
  }
  return furthest;
}

bool is_a_float(double x) { return static_cast<double>(static_cast<float>(x)) == x; }

struct BlockResults {
  BranchForward first, second;
  BranchBackward second_back, first_back;
};

BlockResults results_of(const BlockNumbers& of) {
  const BranchForward first = branch_forward_of(of.attention, of.x);
  const BranchForward second = branch_forward_of(of.mlp, first.y);
  const BranchBackward back = branch_backward_of(of.mlp, first.y, second, of.dy);
  return {first, second, back, branch_backward_of(of.attention, of.x, first, back.dx)};
}

}  // namespace

TEST_CASE("a branch's gradients are those of its output") {
  const BlockNumbers all = block_numbers(Data::reals, 3, kGrid, 1);
  const Branch of{all.attention, all.x, all.dy};
  const BranchForward forward = branch_forward_of(of.tables, of.x);
  const auto [dx, gradients] = branch_backward_of(of.tables, of.x, forward, of.dy);
  const auto off = [&](const Table& gradient, Table& (*pick)(Branch&)) {
    return furthest_from_differences(gradient, of, pick);
  };
  CHECK(off(dx, [](Branch& b) -> Table& { return b.x; }) < 1e-9);
  CHECK(off(gradients.scale, [](Branch& b) -> Table& { return b.tables.scale; }) < 1e-9);
  CHECK(off(gradients.shift, [](Branch& b) -> Table& { return b.tables.shift; }) < 1e-9);
  CHECK(off(gradients.column, [](Branch& b) -> Table& { return b.tables.column; }) < 1e-9);
  CHECK(off(gradients.row, [](Branch& b) -> Table& { return b.tables.row; }) < 1e-9);
  CHECK(off(gradients.bias, [](Branch& b) -> Table& { return b.tables.bias; }) < 1e-9);
}

TEST_CASE("every token of attention depends on the tokens of other ranks") {
  BlockNumbers all = block_numbers(Data::integers, 3, kGrid, 0);
  const Table before = branch_forward_of(all.attention, all.x).y;
  for (Index d = 0; d < kBranchFeatures; ++d) all.x(0, d).value += 1;  // a token of rank 0
  const Table after = branch_forward_of(all.attention, all.x).y;
  for (Index token = kOwnTokens; token < before.rows; ++token) {
    double changed = 0;
    for (Index d = 0; d < before.columns; ++d)
      changed += std::abs(after(token, d).value - before(token, d).value);
    CHECK(changed > 0);
  }
}

TEST_CASE("on exact data all results of a block fit into floats") {
  for (const GridShape grid : {kGrid, GridShape{.tp = 5}})
    for (const Data data : {Data::who, Data::where, Data::integers}) {
      const BlockResults r = results_of(block_numbers(data, 7, grid, 0));
      for (const Table* table : {&r.first.y, &r.second.y, &r.second_back.dx, &r.first_back.dx,
                                 &r.first_back.gradients.scale, &r.first_back.gradients.column,
                                 &r.second_back.gradients.scale, &r.second_back.gradients.row})
        for (const Sized number : table->numbers) CHECK(is_a_float(number.value));
    }
}

TEST_CASE("each rank's digit is once in y and dx of a block, and so is the residual") {
  for (const int group : {0, 1}) {
    const BlockResults r = results_of(block_numbers(Data::who, 3, kGrid, group));
    const std::string ranks = group == 0 ? "made of rank 0 once, rank 1 once, rank 2 once"
                                         : "made of rank 3 once, rank 4 once, rank 5 once";
    std::vector<Term> terms = digits(kGrid, 3 * group);
    terms.push_back({"the residual"});
    for (const Sized y : r.second.y.numbers)
      CHECK(terms_in(y.value, terms) == ranks + ", the bias once, the residual once");
    terms = digits(kGrid, 3 * group, false);
    terms.push_back({"the residual"});
    CHECK(terms_in(r.first_back.dx(0, 0).value, terms) == ranks + ", the residual once");
  }
}

TEST_CASE("calls of other kinds and on other axes are counted") {
  const auto call = [](OpKind kind, const char* axis) -> Call {
    return {.kind = kind, .axis = axis};
  };
  RunFacts facts;
  facts.ranks = {{.calls = {call(OpKind::all_gather, "tp"), call(OpKind::all_gather, "world"),
                            call(OpKind::all_reduce, "tp"), call(OpKind::exchange, "tp")}}};
  const Budget others = no_calls_but_those_of("tp", {OpKind::all_gather, OpKind::all_reduce});
  CHECK(others.measure(facts, 0) == 2);
  CHECK(others.most(0) == 0);
  const Budget few = calls_at_most({.kind = OpKind::all_gather}, 3);
  CHECK(few.measure(facts, 0) == 1);
  CHECK(few.most(0) == 3);
  CHECK(!few.least);
}

}  // namespace shardpipe
