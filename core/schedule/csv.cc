// Schedules as CSV: torch's form, so that its files can be read here and ours there.
#include <algorithm>
#include <cctype>
#include <sstream>

#include "core/base/error.h"
#include "core/schedule/text.h"

namespace shardpipe {
namespace {

constexpr std::string_view kBlockEnd = ")OVERLAP_F_B";  // torch writes "(0F5;7B0)OVERLAP_F_B"
constexpr std::size_t kMostActions = 16'000'000;

std::string_view trimmed(std::string_view word) {
  const std::string_view blank = " \t\r\"";
  const std::size_t begin = word.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return word.substr(begin, word.find_last_not_of(blank) - begin + 1);
}

void read_cell(std::string_view cell, std::vector<Action>& order) {
  if (cell.starts_with('(') && cell.ends_with(kBlockEnd)) {
    const std::string_view pair = cell.substr(1, cell.size() - 1 - kBlockEnd.size());
    const std::size_t at = pair.find(';');
    if (at != std::string_view::npos) {
      order.push_back(parse_action(pair.substr(0, at)));
      order.back().with_next = true;
      order.push_back(parse_action(pair.substr(at + 1)));
      return;
    }
  }
  order.push_back(parse_action(cell));
}

std::vector<Action> read_row(std::string_view line) {
  std::vector<Action> order;
  while (true) {
    const std::size_t comma = line.find(',');
    const std::string_view cell = trimmed(line.substr(0, comma));
    if (!cell.empty()) read_cell(cell, order);
    if (comma == std::string_view::npos) return order;
    line.remove_prefix(comma + 1);
  }
}

void derive_shape(Schedule& schedule, const std::string& file) {
  for (const auto& order : schedule.ranks)
    for (const Action& a : order) {
      schedule.stages = std::max(schedule.stages, a.stage + 1);
      schedule.microbatches = std::max(schedule.microbatches, a.microbatch + 1);
    }
  std::size_t actions = 0;
  for (const auto& order : schedule.ranks) actions += order.size();
  if (actions == 0) usage_error(text(file, ": no actions (one row a rank, cells such as 0F0)"));
  if (schedule.stages % schedule.num_ranks() != 0)
    usage_error(text(file, ": ", schedule.stages, " stages on ", schedule.num_ranks(),
                     " rows; the stages must be a multiple of the rows, which are ranks"));
  schedule.chunks = schedule.stages / schedule.num_ranks();
  // Numbers far beyond what the rows can hold would only make large tables of what is missing.
  const auto items = static_cast<std::int64_t>(schedule.stages) * schedule.microbatches;
  if (actions > kMostActions || items > 4 * static_cast<std::int64_t>(actions) + 4096)
    usage_error(text(file, ": ", actions, " actions for ", schedule.stages, " stages and ",
                     schedule.microbatches, " micro-batches"));
}

}  // namespace

std::string to_csv(const Schedule& schedule) {
  std::string out;
  for (const auto& order : schedule.ranks) {
    bool inside = false;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i > 0) out += inside ? ';' : ',';
      if (order[i].with_next) out += '(';
      out += to_string(order[i]);
      if (inside) out += kBlockEnd;
      inside = order[i].with_next;
    }
    out += '\n';
  }
  return out;
}

Schedule from_csv(const std::string& csv, const std::string& file) {
  Schedule schedule{.name = file};
  std::istringstream lines(csv);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      schedule.ranks.push_back(read_row(line));
    } catch (const Error& e) {
      usage_error(text(file, ":", number, ": ", e.what()));
    }
  }
  while (!schedule.ranks.empty() && schedule.ranks.back().empty()) schedule.ranks.pop_back();
  if (schedule.ranks.empty())
    usage_error(text(file, ": no actions (one row a rank, cells such as 0F0)"));
  derive_shape(schedule, file);
  return schedule;
}

}  // namespace shardpipe
