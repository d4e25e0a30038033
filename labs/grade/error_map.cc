#include "labs/grade/error_map.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace shardpipe {
namespace {

constexpr std::size_t kMapColumns = 48;

bool is_wrong(double got, double want, double bound) { return !(std::abs(got - want) <= bound); }

// '.' where a stretch of numbers is right, 'x' where some are wrong, '?' where they are NaN: nobody
// has written them.
std::string map_of(const std::vector<float>& got, const Wanted64& want) {
  const std::size_t columns = std::min(kMapColumns, want.values.size());
  std::string map(columns, '.');
  for (std::size_t i = 0; i < want.values.size(); ++i) {
    char& mark = map[i * columns / want.values.size()];
    if (std::isnan(got[i]))
      mark = '?';
    else if (mark == '.' && is_wrong(got[i], want.values[i], want.bound))
      mark = 'x';
  }
  return map;
}

std::string number(double x) { return std::isnan(x) ? "NaN, which nobody wrote" : text(x); }

std::string first_wrong(const DeviceCase& c, int rank, const std::string& name, std::size_t i,
                        double got, const Wanted64& want) {
  std::string said =
      text("rank ", rank, ", ", name, "[", i, "]: got ", number(got), ", want ", want.values[i]);
  if (want.bound > 0 && !std::isnan(got)) said += text(" within ", want.bound);
  const double ratio = got / want.values[i];
  if (std::isfinite(ratio) && ratio != 0) said += text(", ratio ", std::round(1e4 * ratio) / 1e4);
  const std::string more = c.explain ? c.explain(rank, name, i, got) : "";
  return more.empty() ? said : said + "; " + more;
}

}  // namespace

Difference compare(const std::vector<HeldNumbers>& held, const DeviceCase& c) {
  Difference all;
  for (std::size_t r = 0; r < held.size(); ++r) {
    const int rank = static_cast<int>(r);
    const auto want = c.want(rank);
    for (const auto& [name, numbers] : held[r]) {
      const Wanted64& wanted = want.at(name);
      ++all.compared;
      if (numbers.size() != wanted.values.size())
        fail(ExitCode::fault, text(c.name, ": ", name, " has ", numbers.size(), " numbers, want ",
                                   wanted.values.size()));
      for (std::size_t i = 0; i < numbers.size() && all.said.empty(); ++i)
        if (is_wrong(numbers[i], wanted.values[i], wanted.bound))
          all.said = first_wrong(c, rank, name, i, numbers[i], wanted);
      all.picture.push_back(text("rank ", rank, "  ", name, "  ", map_of(numbers, wanted)));
    }
  }
  if (all.said.empty()) all.picture.clear();
  return all;
}

std::string words_of(const std::string& name, const std::vector<float>& numbers,
                     const DeviceCase& c) {
  const auto want = c.want(0);
  const auto found = want.find(name);
  if (found == want.end() || found->second.bound > 0) return "";
  std::string words = name + ":";
  for (const float x : numbers) words += std::isnan(x) ? " NaN" : text(" ", x);
  return words + "\n";
}

}  // namespace shardpipe
