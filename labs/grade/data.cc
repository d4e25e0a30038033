#include "labs/grade/data.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/random.h"

namespace shardpipe {
namespace {

std::string often(std::int64_t times) {
  return times == 1 ? "once" : times == 2 ? "twice" : text(times, " times");
}

}  // namespace

const char* words_of(Data data) {
  switch (data) {
    case Data::who: return "rank r brings 8^r";
    case Data::where: return "number i is i + 1";
    case Data::integers: return "random integers";
    case Data::reals: return "random numbers";
  }
  return "?";
}

double number_of(Data data, std::uint64_t seed, int rank, Index index) {
  const auto i = static_cast<std::uint64_t>(index);
  const auto stream = static_cast<std::uint64_t>(rank);
  switch (data) {
    case Data::who: return std::pow(8.0, rank);
    case Data::where: return static_cast<double>(index + 1);
    // Prime, so that a factor such as the number of ranks stands out.
    case Data::integers: return static_cast<double>(random_bits(seed, stream, i) % 19) - 9;
    case Data::reals: return static_cast<double>(random_bits(seed, stream, i) % 2000001) / 1e6 - 1;
  }
  return 0;
}

std::vector<float> numbers_of(Data data, std::uint64_t seed, int rank, Index count) {
  std::vector<float> numbers;
  for (Index i = 0; i < count; ++i)
    numbers.push_back(static_cast<float>(number_of(data, seed, rank, i)));
  return numbers;
}

std::string terms_in(double sum, const std::vector<Term>& terms) {
  const double end = std::pow(8.0, static_cast<double>(terms.size()));
  if (sum < 0 || sum != std::floor(sum) || sum >= end) return "";
  std::string made, missing;
  int unwanted = 0;
  auto digits = static_cast<std::int64_t>(sum);
  for (const Term& term : terms) {
    const std::int64_t times = digits % 8;
    digits /= 8;
    unwanted += times > 0 && !term.wanted ? 1 : 0;
    if (times > 0)
      made += text(made.empty() ? "" : ", ", term.name, " ", often(times));
    else if (term.wanted)
      missing += text(missing.empty() ? "" : ", ", term.name);
  }
  if (made.empty()) return "nothing is in it";
  // Eight times a term look like the next one.
  const bool some_are_wanted = std::any_of(terms.begin(), terms.end(), std::mem_fn(&Term::wanted));
  if (unwanted == 1 && some_are_wanted) made += ", or of fewer terms 8 times and more";
  return "made of " + made + (missing.empty() ? "" : "; missing: " + missing);
}

std::string ranks_in(double sum, int ranks, Missing missing) {
  std::vector<Term> terms;
  for (int rank = 0; rank < ranks; ++rank)
    terms.push_back({text("rank ", rank), missing == Missing::is_said});
  return terms_in(sum, terms);
}

}  // namespace shardpipe
