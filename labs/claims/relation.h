// A relation: what a claim says, as comparisons of figures that commands print. All must hold.
//   tp2.step_s / tp8.step_s ~ 2.8
//   max(run.ranks[*].peak_bytes) < 80 GB and run.communication[kind=all_reduce].calls == 4
//   0 < overlap.tables[0]["4", "exposed communication"] < 1 ms
// x ~ 2.8   x is 2.8 at the precision shown (that of 2,800 is a hundred), at most 5 % away
// A figure is the name of a document and a path in it:
//   .key   [3]   [*] all elements   [kind=all_reduce, group=tp] the element with these members
//   ["row", "column"]   a cell of a table: the row that begins with these cells, and the column;
//                       with a number behind them, the cell's number of that place, from 0
// Functions: sum max min of all values, count, floor, lg, exp, log, sqrt. Numbers may have units:
// 6.48 ms, 12 %. Without a figure a relation is arithmetic: 2 * (8 - 1) == 14.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "labs/quantity.h"

namespace shardpipe {

struct PathStep {
  enum class Kind { key, index, all, where, cell } kind = Kind::key;
  std::string key = {};
  std::size_t index = 0;  // of an element; of cell: a number
  std::vector<std::pair<std::string, std::string>> where = {};
  std::vector<std::string> cells = {};  // the last is the column
};

struct Figure {
  std::string document = {};
  std::vector<PathStep> path = {};
  std::string spelled = {};
};

struct Expression {
  enum class Kind { number, words, figure, operation, call } kind = Kind::number;
  Quantity number = {};
  std::string words = {};  // of text in quotes; of a call: its name
  Figure figure = {};
  char operation = 0;
  std::vector<Expression> parts = {};
  int leaf = -1;  // numbers and figures of a comparison are counted
};

struct Comparison {
  std::string sign = {};  // < <= > >= == != ~
  Expression left = {}, right = {};
  int leaves = 0;
};

struct Relation {
  std::vector<Comparison> comparisons = {};
};

// Error(usage) that says where it is none.
Relation relation_of(const std::string& words);

// The values of a figure; Error(usage) if there is none.
using Documents = std::function<const Json&(const std::string& name)>;
std::vector<Json> picked(const Figure& figure, const Documents& documents);

// One number or figure of a comparison, multiplied; 0 becomes factor - 1.
struct Move {
  int leaf = -1;
  double factor = 1;
};
bool holds(const Comparison& comparison, const Documents& documents, Move move = {});
double value_of(const Expression& expression, const Documents& documents, Move move = {});

// Why this comparison would hold whatever the commands print; empty if it would not: one figure
// moved by 2 % (by what the precision of a number lets pass, if that is more; by a factor of two
// against a number that is a bound) makes it false, every figure does if it is moved far enough,
// and so does its sign turned.
std::string idle_part(const Comparison& comparison, const Documents& documents);

}  // namespace shardpipe
