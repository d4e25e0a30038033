#include "labs/claims/relation.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/base/error.h"

namespace shardpipe {
namespace {

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
constexpr std::string_view kFunctions[] = {"sum", "max", "min", "count", "floor",
                                           "lg",  "exp", "log", "sqrt"};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

class Parser {
 public:
  explicit Parser(const std::string& words) : words_(words) {}

  Relation parse() {
    do {
      chain();
    } while (accept("and"));
    if (at_ < words_.size()) refuse("a comparison");
    return std::move(relation_);
  }

 private:
  [[noreturn]] void refuse(const std::string& wanted) {
    usage_error(text("relation \"", words_, "\": ", wanted, " should stand before \"",
                     words_.substr(at_), "\""));
  }
  void skip() {
    while (at_ < words_.size() && words_[at_] == ' ') ++at_;
  }
  bool accept(const std::string& word) {
    skip();
    if (words_.compare(at_, word.size(), word) != 0) return false;
    if (is_letter(word[0]) && at_ + word.size() < words_.size() &&
        is_name(words_[at_ + word.size()]))
      return false;
    at_ += word.size();
    return true;
  }
  void expect(const std::string& word) {
    if (!accept(word)) refuse(word);
  }
  std::string sign() {
    for (const char* one : {"<=", ">=", "==", "!=", "<", ">", "~"})
      if (accept(one)) return one;
    return "";
  }

  // a < b < c is a < b and b < c.
  void chain() {
    Expression left = sum();
    std::string between = sign();
    if (between.empty()) refuse("<, <=, >, >=, ==, != or ~");
    while (!between.empty()) {
      Expression right = sum();
      Comparison one{.sign = between, .left = left, .right = right};
      count_leaves(one.left, one.leaves);
      count_leaves(one.right, one.leaves);
      relation_.comparisons.push_back(one);
      left = std::move(right);
      between = sign();
    }
  }
  static void count_leaves(Expression& e, int& leaves) {
    if (e.kind == Expression::Kind::number || e.kind == Expression::Kind::figure) e.leaf = leaves++;
    for (Expression& part : e.parts) count_leaves(part, leaves);
  }

  Expression operation(char sign, Expression left, Expression right) {
    return {.kind = Expression::Kind::operation,
            .operation = sign,
            .parts = {std::move(left), std::move(right)}};
  }
  Expression sum() {
    Expression e = product();
    while (true) {
      if (accept("+"))
        e = operation('+', std::move(e), product());
      else if (accept("-"))
        e = operation('-', std::move(e), product());
      else
        return e;
    }
  }
  Expression product() {
    Expression e = operand();
    while (true) {
      if (accept("*"))
        e = operation('*', std::move(e), operand());
      else if (accept("/"))
        e = operation('/', std::move(e), operand());
      else
        return e;
    }
  }

  Expression operand() {
    skip();
    if (accept("(")) {
      Expression e = sum();
      expect(")");
      return e;
    }
    if (is_quoted()) return {.kind = Expression::Kind::words, .words = quoted()};
    if (is_number()) return number();
    const std::size_t begin = at_;
    const std::string name = word();
    if (!accept("(")) return figure(name, begin);
    if (std::find(std::begin(kFunctions), std::end(kFunctions), name) == std::end(kFunctions))
      usage_error(text("relation \"", words_, "\": no function ", name,
                       "; there are sum, max, min, count, floor, lg, exp, log and sqrt"));
    Expression call{.kind = Expression::Kind::call, .words = name};
    do {
      call.parts.push_back(sum());
    } while (accept(","));
    expect(")");
    return call;
  }

  Expression number() {
    const auto found = quantities_in(std::string_view(words_).substr(at_));
    if (found.empty() || found[0].at != 0) refuse("a number");
    Quantity number = found[0];
    number.at = at_;
    at_ += number.unit_end;
    return {.number = number};
  }

  std::string word() {
    skip();
    const std::size_t begin = at_;
    while (at_ < words_.size() && is_name(words_[at_])) ++at_;
    if (at_ == begin) refuse("a number or the name of a command");
    return words_.substr(begin, at_ - begin);
  }
  bool is_number() const {
    return at_ < words_.size() && std::isdigit(static_cast<unsigned char>(words_[at_])) != 0;
  }
  bool is_quoted() {
    skip();
    return at_ < words_.size() && words_[at_] == '"';
  }
  std::string quoted() {
    expect("\"");
    const std::size_t end = words_.find('"', at_);
    if (end == std::string::npos) refuse("a closing \"");
    const std::string inside = words_.substr(at_, end - at_);
    at_ = end + 1;
    return inside;
  }

  Expression figure(const std::string& document, std::size_t begin) {
    Figure f{.document = document};
    while (at_ < words_.size() && (words_[at_] == '.' || words_[at_] == '[')) {
      if (words_[at_++] == '.')
        f.path.push_back({.key = word()});
      else
        f.path.push_back(selection());
    }
    f.spelled = words_.substr(begin, at_ - begin);
    return {.kind = Expression::Kind::figure, .figure = std::move(f)};
  }
  PathStep selection() {
    PathStep step;
    skip();
    if (accept("*")) {
      step.kind = PathStep::Kind::all;
    } else if (is_quoted()) {
      step = cell();
    } else if (is_number()) {
      step.kind = PathStep::Kind::index;
      step.index = small_number();
    } else {
      step.kind = PathStep::Kind::where;
      do {
        std::string key = word();
        expect("=");
        step.where.emplace_back(std::move(key), is_quoted() ? quoted() : word());
      } while (accept(","));
    }
    expect("]");
    return step;
  }
  std::size_t small_number() {
    const std::string digits = word();
    std::size_t n = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), n).ec != std::errc())
      refuse("a number");
    return n;
  }
  PathStep cell() {
    PathStep step{.kind = PathStep::Kind::cell};
    do {
      if (is_quoted())
        step.cells.push_back(quoted());
      else
        step.index = small_number();
    } while (accept(","));
    return step;
  }

  const std::string& words_;
  std::size_t at_ = 0;
  Relation relation_;
};

}  // namespace

Relation relation_of(const std::string& words) { return Parser(words).parse(); }

}  // namespace shardpipe
