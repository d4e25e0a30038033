#include "labs/grade/error_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>

namespace shardpipe {
namespace {

constexpr std::size_t kMapColumns = 48;

bool is_wrong(double got, double want, double bound) { return !(std::abs(got - want) <= bound); }

// '.' where a stretch of numbers is right, 'x' where some are wrong, '?' where they are NaN: nobody
// has written them.
std::string map_of(const float* got, const double* want, std::size_t count, double bound) {
  const std::size_t columns = std::min(kMapColumns, count);
  std::string map(columns, '.');
  for (std::size_t i = 0; i < count; ++i) {
    char& mark = map[i * columns / count];
    if (std::isnan(got[i]))
      mark = '?';
    else if (mark == '.' && is_wrong(got[i], want[i], bound))
      mark = 'x';
  }
  return map;
}

// A small matrix row by row, "..x|...": others in one piece.
std::string map_of(const HeldNumbers& held, const Wanted64& want) {
  const std::size_t count = held.values.size();
  const bool small = held.shape.dims() == 2 && count > 0 && count <= kMapColumns;
  const std::size_t row = small ? static_cast<std::size_t>(held.shape.last()) : count;
  std::string map;
  for (std::size_t i = 0; i < count; i += row)
    map += (i == 0 ? "" : "|") + map_of(&held.values[i], &want.values[i], row, want.bound);
  return map;
}

// "[3][0]": number i of a tensor of that shape.
std::string place_in(const Shape& shape, std::size_t i) {
  std::string place;
  auto rest = static_cast<Index>(i);
  for (int d = shape.dims() - 1; d >= 0; --d) {
    place.insert(0, text("[", rest % shape[d], "]"));
    rest /= shape[d];
  }
  return place;
}

// ", in the whole [3][2]": of number i of a part of a matrix.
std::string place_in_whole(const Shape& shape, std::size_t i, const Wanted64& want) {
  if (want.first_row == 0 && want.first_column == 0) return "";
  const auto index = static_cast<Index>(i);
  const Index row = want.first_row + index / shape.last();
  const Index column = want.first_column + index % shape.last();
  return text(", in the whole ", shape.dims() == 1 ? "" : text("[", row, "]"), "[", column, "]");
}

// All digits of a float; neither 0 nor NaN has a sign.
std::string digits(double x) {
  if (std::isnan(x)) return "NaN";
  std::array<char, 32> out = {};
  std::snprintf(out.data(), out.size(), "%.9g", x + 0.0);
  return out.data();
}

std::string number(double x) { return std::isnan(x) ? "NaN, which nobody wrote" : digits(x); }

// "rank 0, u[3][0]: got 1110, want 1010; that is v[1][0] of rank 1". Where there is nothing to
// explain the ratio may.
std::string first_wrong(const DeviceCase& c, int rank, const HeldNumbers& held, std::size_t i,
                        const Wanted64& want) {
  const double got = held.values[i];
  std::string said = text("rank ", rank, ", ", held.name, place_in(held.shape, i),
                          place_in_whole(held.shape, i, want), ": got ", number(got), ", want ",
                          digits(want.values[i]));
  if (want.bound > 0 && !std::isnan(got)) said += text(" within ", want.bound);
  const std::string more = c.explain ? c.explain(rank, held.name, i, got) : "";
  if (!more.empty()) return said + "; " + more;
  const double ratio = std::round(1e4 * got / want.values[i]) / 1e4;
  if (std::isfinite(ratio) && ratio != 0 && ratio != 1) said += text(", ratio ", ratio);
  return said;
}

struct Row {
  int rank = 0;
  std::string name = {}, map = {};
};

// A line a row, of tensors that are wrong on some rank.
std::vector<std::string> picture_of(const std::vector<Row>& rows) {
  std::set<std::string> wrong;
  for (const Row& row : rows)
    if (row.map.find_first_of("x?") != std::string::npos) wrong.insert(row.name);
  std::size_t widest = 0;
  for (const std::string& name : wrong) widest = std::max(widest, name.size());
  std::vector<std::string> picture;
  for (const Row& row : rows) {
    if (wrong.count(row.name) == 0) continue;
    const std::string margin(widest - row.name.size(), ' ');
    picture.push_back(text("rank ", row.rank, "  ", row.name, margin, "  ", row.map));
  }
  return picture;
}

}  // namespace

Difference compare(const HeldByRank& held, const DeviceCase& c) {
  Difference all;
  std::vector<Row> rows;
  for (std::size_t r = 0; r < held.size(); ++r) {
    const int rank = static_cast<int>(r);
    const auto want = c.want(rank);
    for (const HeldNumbers& one : held[r]) {
      const Wanted64& wanted = want.at(one.name);
      ++all.compared;
      if (one.values.size() != wanted.values.size())
        fail(ExitCode::fault, text(c.name, ": ", one.name, " has ", one.values.size(),
                                   " numbers, want ", wanted.values.size()));
      for (std::size_t i = 0; i < one.values.size() && all.said.empty(); ++i)
        if (is_wrong(one.values[i], wanted.values[i], wanted.bound))
          all.said = first_wrong(c, rank, one, i, wanted);
      rows.push_back({rank, one.name, map_of(one, wanted)});
    }
  }
  all.picture = picture_of(rows);
  return all;
}

std::string words_of(const HeldNumbers& held, const DeviceCase& c) {
  const auto want = c.want(0);
  const auto found = want.find(held.name);
  if (found == want.end() || found->second.bound > 0) return "";
  std::string words = held.name + ":";
  for (const float x : held.values) words += " " + digits(x);
  return words + "\n";
}

}  // namespace shardpipe
