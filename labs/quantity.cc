#include "labs/quantity.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string>

namespace shardpipe {
namespace {

struct Unit {
  std::string_view name;
  double worth;
};

// Longer names first where one begins with another.
constexpr Unit kUnits[] = {{"KiB", 1024},
                           {"MiB", 1024.0 * 1024},
                           {"GiB", 1024.0 * 1024 * 1024},
                           {"TiB", 1024.0 * 1024 * 1024 * 1024},
                           {"kB", 1e3},
                           {"MB", 1e6},
                           {"GB", 1e9},
                           {"TB", 1e12},
                           {"TFLOP", 1e12},
                           {"GFLOP", 1e9},
                           {"ns", 1e-9},
                           {"us", 1e-6},
                           {"ms", 1e-3},
                           {"s", 1},
                           {"%", 1e-2},
                           {"x", 1}};

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// A reader of one number at a time.
class Reading {
 public:
  explicit Reading(std::string_view words) : words_(words) {}

  std::vector<Quantity> all() {
    while (at_ < words_.size()) {
      if (!is_digit(words_[at_])) {
        ++at_;
      } else if (in_a_name()) {
        skip_name();
      } else {
        number();
      }
    }
    return std::move(found_);
  }

 private:
  char ahead(std::size_t n) const { return at_ + n < words_.size() ? words_[at_ + n] : '\0'; }

  bool in_a_name() const {
    if (at_ == 0) return false;
    const char before = words_[at_ - 1];
    return is_word(before) || (before == '-' && at_ > 1 && is_word(words_[at_ - 2]));
  }
  void skip_name() {
    while (is_word(ahead(0)) || (ahead(0) == '.' && is_digit(ahead(1)))) ++at_;
  }

  void number() {
    const std::size_t begin = at_;
    std::string digits;
    const auto take = [&] {
      while (is_digit(ahead(0))) digits += words_[at_++];
    };
    take();
    while (digits.size() < 4 * (at_ - begin) && is_thousand()) {
      ++at_;
      take();
    }
    double step = 1;
    if (ahead(0) == '.' && is_digit(ahead(1))) {
      const std::size_t point = digits.size();
      digits += words_[at_++];
      take();
      step = std::pow(10.0, -static_cast<double>(digits.size() - point - 1));
    } else {
      for (std::size_t i = digits.size(); i > 1 && digits[i - 1] == '0'; --i) step *= 10;
    }
    if (ahead(0) == 'e' && is_digit(ahead(1))) {
      const std::size_t exponent = digits.size();
      digits += words_[at_++];
      take();
      step *= std::pow(10.0, std::stod(digits.substr(exponent + 1)));
    }
    Quantity q{.step = step, .at = begin, .length = at_ - begin, .unit_end = at_};
    std::from_chars(digits.data(), digits.data() + digits.size(), q.bare);
    const double worth = unit(q.unit_end);
    if (worth == 0) return skip_name();
    q.value = q.bare * worth;
    q.step *= worth;
    at_ = q.unit_end;
    found_.push_back(q);
  }

  // ",123": three digits of a large number, and no list.
  bool is_thousand() const {
    return ahead(0) == ',' && is_digit(ahead(1)) && is_digit(ahead(2)) && is_digit(ahead(3)) &&
           !is_digit(ahead(4));
  }

  // What the unit behind a number is worth, 1 without one; 0: it is part of a name.
  double unit(std::size_t& end) const {
    const bool apart = ahead(0) == ' ';
    const std::string_view rest = words_.substr(std::min(words_.size(), at_ + (apart ? 1 : 0)));
    for (const Unit& u : kUnits) {
      if (rest.substr(0, u.name.size()) != u.name || (apart && u.name == "x")) continue;
      const char next = rest.size() > u.name.size() ? rest[u.name.size()] : '\0';
      if (is_word(next) && u.name != "%") continue;
      end = at_ + (apart ? 1 : 0) + u.name.size();
      return u.worth;
    }
    return is_word(ahead(0)) ? 0 : 1;
  }

  std::string_view words_;
  std::size_t at_ = 0;
  std::vector<Quantity> found_;
};

}  // namespace

std::vector<Quantity> quantities_in(std::string_view words) { return Reading(words).all(); }

std::vector<double> numbers_of_cell(std::string_view cell) {
  std::vector<double> values;
  for (const Quantity& q : quantities_in(cell)) values.push_back(q.value);
  return values;
}

}  // namespace shardpipe
