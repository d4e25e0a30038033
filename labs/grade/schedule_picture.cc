#include "labs/grade/schedule_picture.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/base/error.h"
#include "core/schedule/picture.h"
#include "core/schedule/text.h"
#include "core/schedule/waits.h"

namespace shardpipe {
namespace {

constexpr int kColumns = 88;
constexpr int kBeside = 14;  // columns of a picture beside its time axis: "rank 0  ", "   73%"

void append(std::vector<std::string>& to, const std::vector<std::string>& lines) {
  to.insert(to.end(), lines.begin(), lines.end());
}

std::vector<std::string> words_of(const std::vector<Action>& order) {
  std::vector<std::string> words;
  for (const Action& action : order) words.push_back(to_string(action));
  words.emplace_back("end");
  return words;
}

// When each action starts, in the order of its start.
std::vector<std::pair<double, Action>> starts_of(const Schedule& schedule, const Timing& timing) {
  std::vector<std::pair<double, Action>> starts;
  for (std::size_t r = 0; r < schedule.ranks.size(); ++r)
    for (std::size_t i = 0; i < schedule.ranks[r].size(); ++i)
      starts.emplace_back(timing.ranks[r][i].start, schedule.ranks[r][i]);
  std::stable_sort(starts.begin(), starts.end(),
                   [](auto& a, auto& b) { return a.first < b.first; });
  return starts;
}

}  // namespace

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> drawn_beside(const Schedule& yours, const Schedule& right,
                                      const Costs& costs) {
  const Timing mine = simulate(yours, costs), theirs = simulate(right, costs);
  const double longest = std::max(mine.makespan, theirs.makespan);
  const auto draw = [&](const Schedule& schedule, const Timing& timing) {
    const double cells = std::ceil((kColumns - kBeside) * timing.makespan / longest);
    return lines_of(draw_grid(schedule, timing, {.columns = static_cast<int>(cells) + kBeside}));
  };
  std::vector<std::string> lines = {text("yours: ", number_text(mine.makespan), " with F = ",
                                         costs.F, ", B = ", number_text(costs.I + costs.W))};
  std::vector<std::string> rows = draw(yours, mine);
  rows.resize(std::min(rows.size(), yours.ranks.size() + 1));  // one legend is enough
  append(lines, rows);
  lines.push_back(text("right: ", number_text(theirs.makespan)));
  append(lines, draw(right, theirs));
  return lines;
}

std::vector<std::string> first_difference(const Schedule& yours, const Schedule& right) {
  for (std::size_t r = 0; r < yours.ranks.size(); ++r) {
    const std::vector<std::string> mine = words_of(yours.ranks[r]),
                                   theirs = words_of(right.ranks[r]);
    if (mine == theirs) continue;
    const auto [a, b] = std::mismatch(mine.begin(), mine.end(), theirs.begin(), theirs.end());
    const int rank = static_cast<int>(r);
    const auto at = [](auto it, const auto& words) {
      return std::min(static_cast<std::size_t>(it - words.begin()), words.size() - 1);
    };
    std::vector<std::string> lines = {"yours:"};
    append(lines, lines_of(line_around(rank, mine, at(a, mine))));
    lines.emplace_back("right:");
    append(lines, lines_of(line_around(rank, theirs, at(b, theirs))));
    return lines;
  }
  return {};
}

std::string first_delay(const Schedule& yours, const Schedule& right, const Costs& costs) {
  const auto expected = starts_of(right, simulate(right, costs));
  for (const auto& [start, action] : starts_of(yours, simulate(yours, costs))) {
    const auto same = std::find_if(expected.begin(), expected.end(),
                                   [&](const auto& other) { return other.second == action; });
    if (same == expected.end() || start <= same->first) continue;
    return text(to_string(action), " starts at ", number_text(start), ", in the right one at ",
                number_text(same->first));
  }
  return "";
}

}  // namespace shardpipe
