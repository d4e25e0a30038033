#include "core/schedule/picture.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace shardpipe {

std::vector<DrawnAction> pieces_of(const Schedule& schedule, const Timing& timing, int rank) {
  const auto& order = schedule.ranks[static_cast<std::size_t>(rank)];
  const auto& times = timing.ranks[static_cast<std::size_t>(rank)];
  const int first_stage = stages_of_rank(schedule, rank).front();
  std::vector<DrawnAction> pieces;
  for (std::size_t i = 0; i < order.size(); ++i)
    pieces.push_back({times[i].start, times[i].end, order[i], order[i].stage != first_stage,
                      order[i].with_next || (i > 0 && order[i - 1].with_next)});
  return pieces;
}

double busy_share(const std::vector<DrawnAction>& pieces, double makespan) {
  double busy = 0;
  for (const DrawnAction& p : pieces) busy += (p.end - p.start) / (p.is_in_block ? 2 : 1);
  return busy / makespan;
}

double round_step(double least) {
  double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double digit : {1.0, 2.0, 5.0})
    if (power * digit >= least * (1 - 1e-9)) return power * digit;
  return power * 10;
}

std::string number_text(double value) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return buffer;
}

const char* words_of(ActionKind kind) {
  switch (kind) {
    case ActionKind::F: return "forward";
    case ActionKind::B: return "backward";
    case ActionKind::I: return "input gradient";
    case ActionKind::W: return "weight gradient";
  }
  return "?";
}

std::vector<ActionKind> kinds_in(const Schedule& schedule) {
  std::array<bool, 4> occurs = {};
  for (const auto& order : schedule.ranks)
    for (const Action& a : order) occurs[static_cast<std::size_t>(a.kind)] = true;
  std::vector<ActionKind> kinds;
  for (const ActionKind kind : {ActionKind::F, ActionKind::B, ActionKind::I, ActionKind::W})
    if (occurs[static_cast<std::size_t>(kind)]) kinds.push_back(kind);
  return kinds;
}

}  // namespace shardpipe
