// Figures of documents, and whether comparisons of them hold.
#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "labs/claims/relation.h"

namespace shardpipe {
namespace {

constexpr double kWidest = 0.05;  // of ~

using Values = std::vector<Json>;

std::string spelled(const Json& value) { return value.is_string() ? value.string() : value.dump(); }

bool has(const Json& value, const std::vector<std::pair<std::string, std::string>>& members) {
  return std::all_of(members.begin(), members.end(), [&](const auto& member) {
    const Json* found = value.find(member.first);
    return found != nullptr && spelled(*found) == member.second;
  });
}

[[noreturn]] void no_figure(const Figure& figure, const std::string& why) {
  usage_error(text(figure.spelled, ": ", why));
}

// The row that begins with these cells, the column behind them.
Json cell_of(const Json& table, const PathStep& step, const Figure& figure) {
  const auto columns = table.at("columns").strings();
  const auto column = std::find(columns.begin(), columns.end(), step.cells.back());
  if (column == columns.end()) no_figure(figure, text("no column \"", step.cells.back(), "\""));
  const auto place = static_cast<std::size_t>(column - columns.begin());
  const Json *row = nullptr, *numbers = nullptr;
  for (std::size_t i = 0; i < table.at("rows").elements().size(); ++i) {
    const Json& one = table.at("rows").elements()[i];
    const auto cells = one.strings();
    if (!std::equal(step.cells.begin(), step.cells.end() - 1, cells.begin())) continue;
    if (row != nullptr) no_figure(figure, "more than one row begins so");
    row = &one;
    numbers = &table.at("numbers").elements()[i];
  }
  if (row == nullptr) no_figure(figure, "no row begins so");
  const auto& values = numbers->elements().at(place).elements();
  return step.index < values.size() ? values[step.index] : row->elements().at(place);
}

Values after(const Json& from, const PathStep& step, const Figure& figure) {
  switch (step.kind) {
    case PathStep::Kind::key: return {from.at(step.key)};
    case PathStep::Kind::index:
      if (step.index >= from.elements().size()) no_figure(figure, "there are fewer elements");
      return {from.elements()[step.index]};
    case PathStep::Kind::all: return from.elements();
    case PathStep::Kind::where: {
      Values some;
      for (const Json& one : from.elements())
        if (has(one, step.where)) some.push_back(one);
      if (some.empty()) no_figure(figure, "no element has these members");
      return some;
    }
    case PathStep::Kind::cell:
      if (from.find("columns") == nullptr) return {from.at(step.cells.at(0))};
      return {cell_of(from, step, figure)};
  }
  return {};
}

double number_of(const Figure& figure, const Documents& documents) {
  const Values values = picked(figure, documents);
  if (values.size() != 1) no_figure(figure, text(values.size(), " values stand there, not one"));
  return values[0].number();
}

double moved(double value, int leaf, Move move) {
  if (leaf != move.leaf) return value;
  return value == 0 ? move.factor - 1 : value * move.factor;
}

double called(const Expression& call, const Documents& documents, Move move) {
  std::vector<double> values;
  for (const Expression& part : call.parts) {
    if (part.kind != Expression::Kind::figure) {
      values.push_back(value_of(part, documents, move));
      continue;
    }
    for (const Json& one : picked(part.figure, documents))
      values.push_back(call.words == "count" ? 1 : moved(one.number(), part.leaf, move));
  }
  if (values.empty()) usage_error(text(call.words, "(): of nothing"));
  double total = 0;
  for (const double v : values) total += v;
  if (call.words == "count") return moved(total, call.parts[0].leaf, move);
  if (call.words == "sum") return total;
  if (call.words == "max") return *std::max_element(values.begin(), values.end());
  if (call.words == "min") return *std::min_element(values.begin(), values.end());
  if (call.words == "floor") return std::floor(values[0]);
  if (call.words == "lg") return std::log2(values[0]);
  if (call.words == "exp") return std::exp(values[0]);
  return call.words == "log" ? std::log(values[0]) : std::sqrt(values[0]);
}

// Of ~: half of the last digit that is shown, if that is less than 5 %.
double tolerance(const Expression& right, double value) {
  const double widest = kWidest * std::fabs(value);
  if (right.kind != Expression::Kind::number) return widest;
  return std::min(widest, right.number.step / 2 * (1 + 1e-9));
}

bool is_words(const Comparison& c) {
  return c.left.kind == Expression::Kind::words || c.right.kind == Expression::Kind::words;
}

std::string words_of(const Expression& e, const Documents& documents) {
  if (e.kind == Expression::Kind::words) return e.words;
  const Values values = picked(e.figure, documents);
  if (values.size() != 1) no_figure(e.figure, "not one value stands there");
  return spelled(values[0]);
}

bool equal(double a, double b) {
  return std::fabs(a - b) <= 1e-9 * std::max(std::fabs(a), std::fabs(b));
}

std::string turned(const std::string& sign) {
  if (sign == "<") return ">=";
  if (sign == "<=") return ">=";
  if (sign == ">") return "<=";
  if (sign == ">=") return "<=";
  return sign == "!=" ? "==" : "!=";
}

void leaves_of(const Expression& e, Expression::Kind kind, std::vector<int>& leaves) {
  if (e.kind == kind) leaves.push_back(e.leaf);
  for (const Expression& part : e.parts) leaves_of(part, kind, leaves);
}

std::vector<int> leaves_of(const Comparison& c, Expression::Kind kind) {
  std::vector<int> leaves;
  leaves_of(c.left, kind, leaves);
  leaves_of(c.right, kind, leaves);
  return leaves;
}

bool has_figure(const Expression& e) {
  std::vector<int> leaves;
  leaves_of(e, Expression::Kind::figure, leaves);
  return !leaves.empty();
}

// Moved by this factor, up or down, it makes the comparison false.
bool fails_by(const Comparison& c, const Documents& documents, int leaf, double factor) {
  return !holds(c, documents, {leaf, factor}) || !holds(c, documents, {leaf, 1 / factor});
}

// How far a figure may be moved at the least.
double small_move(const Comparison& c, const Documents& documents) {
  if (c.sign == "==" || c.sign == "!=") return 1.02;
  if (c.sign != "~") return 2;
  const double right = value_of(c.right, documents);
  return std::max(1.02, 1 + 2.1 * tolerance(c.right, right) / std::max(1e-300, std::fabs(right)));
}

}  // namespace

std::vector<Json> picked(const Figure& figure, const Documents& documents) {
  Values values = {documents(figure.document)};
  for (const PathStep& step : figure.path) {
    Values next;
    for (const Json& value : values)
      for (Json& one : after(value, step, figure)) next.push_back(std::move(one));
    values = std::move(next);
  }
  return values;
}

double value_of(const Expression& e, const Documents& documents, Move move) {
  switch (e.kind) {
    case Expression::Kind::number: return moved(e.number.value, e.leaf, move);
    case Expression::Kind::figure: return moved(number_of(e.figure, documents), e.leaf, move);
    case Expression::Kind::call: return called(e, documents, move);
    case Expression::Kind::words: usage_error(text("\"", e.words, "\" is no number"));
    case Expression::Kind::operation: break;
  }
  const double left = value_of(e.parts[0], documents, move),
               right = value_of(e.parts[1], documents, move);
  if (e.operation == '+') return left + right;
  if (e.operation == '-') return left - right;
  return e.operation == '*' ? left * right : left / right;
}

bool holds(const Comparison& c, const Documents& documents, Move move) {
  if (is_words(c)) {
    const bool same = words_of(c.left, documents) == words_of(c.right, documents);
    return c.sign == "==" ? same : c.sign == "!=" && !same;
  }
  const double left = value_of(c.left, documents, move), right = value_of(c.right, documents, move);
  if (c.sign == "<") return left < right;
  if (c.sign == "<=") return left <= right;
  if (c.sign == ">") return left > right;
  if (c.sign == ">=") return left >= right;
  if (c.sign == "==") return equal(left, right);
  if (c.sign == "!=") return !equal(left, right);
  return std::fabs(left - right) <= tolerance(c.right, right);
}

std::string idle_part(const Comparison& c, const Documents& documents) {
  if (is_words(c)) return "";
  Comparison other = c;
  other.sign = turned(c.sign);
  if (c.sign != "~" && holds(other, documents)) return "its sign turned";
  const auto figures = leaves_of(c, Expression::Kind::figure),
             numbers = leaves_of(c, Expression::Kind::number);
  for (const int leaf : figures)
    if (!fails_by(c, documents, leaf, 1000)) return "a figure that does not matter";
  const bool is_bound = c.sign[0] == '<' || c.sign[0] == '>';
  if (is_bound && has_figure(c.left) && has_figure(c.right)) return "";
  const double factor = small_move(c, documents);
  for (const int leaf : figures.empty() ? numbers : figures)
    if (fails_by(c, documents, leaf, factor)) return "";
  return is_bound ? "every figure moved by a factor of two" : "every figure moved by 2 %";
}

}  // namespace shardpipe
