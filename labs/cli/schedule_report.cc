#include "labs/cli/schedule_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/printable.h"
#include "core/schedule/checker.h"
#include "core/schedule/messages.h"
#include "core/schedule/text.h"
#include "core/trace/chrome_json.h"
#include "core/trace/schedule_trace.h"

namespace shardpipe {
namespace {

constexpr int kMostRows = 64;
constexpr std::size_t kMostShownStages = 16;
constexpr std::size_t kMostCheckedActions = 100'000, kMostTracedActions = 1'000'000;

std::size_t num_actions(const Schedule& schedule) {
  std::size_t actions = 0;
  for (const auto& order : schedule.ranks) actions += order.size();
  return actions;
}

std::string format(const char* pattern, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

std::string bound(const Timing& timing) {
  const std::string least = format("%.6g", timing.lower_bound);
  if (timing.lower_bound_if_split == timing.lower_bound) return least;
  return text(least, "; were backward split: ", format("%.6g", timing.lower_bound_if_split));
}

std::string costs_text(const Schedule& s, const Costs& costs) {
  std::string out;
  if (costs.stages.empty()) {
    out = text("F ", costs.F, ", I ", costs.I, ", W ", costs.W, ", C ", costs.C);
    return out + (s.chunks > 1 ? text(" a rank, 1/", s.chunks, " of it an action") : "");
  }
  for (std::size_t i = 0; i < costs.stages.size() && i < kMostShownStages; ++i) {
    const Costs::Stage& stage = costs.stages[i];
    out += text(i == 0 ? "F/I/W of stage 0.. " : ", ", stage.F, "/", stage.I, "/", stage.W);
  }
  return out + (costs.stages.size() > kMostShownStages ? ", .." : "") + text("; C ", costs.C);
}

std::string figures(const TimedSchedule& t) {
  const Schedule& s = t.schedule;
  return text(printable(s.name), ": ", s.num_ranks(), " ranks, ", s.microbatches,
              " micro-batches, ", s.stages, " stages; ", costs_text(s, t.costs), "\n", "makespan ",
              format("%.6g", t.timing.makespan), " (lower bound ", bound(t.timing), ")   bubble ",
              format("%.1f %%", 100 * t.timing.bubble_over_ideal), " over ideal, ",
              format("%.1f %%", 100 * t.timing.bubble_over_total), " over total   efficiency ",
              format("%.1f %%", 100 * t.timing.efficiency), "\n");
}

std::string rank_table(const TimedSchedule& t) {
  std::string out = "rank  span bubble  peak in flight  until its input gradient  stages\n";
  const int rows = std::min(t.schedule.num_ranks(), kMostRows);
  for (int rank = 0; rank < rows; ++rank) {
    const auto r = static_cast<std::size_t>(rank);
    char line[96];
    std::snprintf(line, sizeof line, "%4d  %9.1f %%  %14d  %23d  ", rank,
                  100 * t.timing.span_bubble[r], t.timing.peak_in_flight[r],
                  t.timing.peak_until_input_gradient[r]);
    std::string stages;
    for (const int stage : stages_of_rank(t.schedule, rank)) {
      if (stages.size() > 30) {
        stages += " ..";
        break;
      }
      stages += text(stages.empty() ? "" : " ", stage);
    }
    out += line + stages + "\n";
  }
  return out;
}

// What the two ways of inserting messages lead to.
std::string message_lines(const Schedule& schedule) {
  if (num_actions(schedule) > kMostCheckedActions) return "";
  std::size_t transfers = 0;
  const Program program = insert_messages(schedule);
  for (const auto& steps : program.ranks)
    for (const Step& step : steps) transfers += step.transfers.size();
  if (const std::string hang = check_program(program); !hang.empty())
    fail(ExitCode::fault, "messages in one order hang: " + hang);
  const std::string hang = check_program(insert_messages_locally(schedule));
  return text("messages: ", transfers / 2,
              ". In one order for all ranks: no hang. Recv before, send",
              " after, rank by rank: ", hang.empty() ? "no hang.\n" : "hang:\n" + hang);
}

Json stage_costs(const Costs& costs) {
  Json all = Json::list();
  for (const Costs::Stage& stage : costs.stages)
    all.push_back({{"F", stage.F}, {"I", stage.I}, {"W", stage.W}});
  return all;
}

// Written as it is made: a tree of millions of small objects would take gigabytes.
void write_ranks(const Schedule& schedule, const Timing& timing, std::ostream& out) {
  const auto number = [](double value) { return Json(value).dump(); };
  for (std::size_t r = 0; r < schedule.ranks.size(); ++r) {
    out << (r == 0 ? "[" : ",[");
    for (std::size_t i = 0; i < schedule.ranks[r].size(); ++i) {
      const Action& action = schedule.ranks[r][i];
      const Interval& time = timing.ranks[r][i];
      out << (i == 0 ? "" : ",") + ("{\"op\":\"" + to_string(action)) +
                 "\",\"start\":" + number(time.start) + ",\"end\":" + number(time.end) +
                 (action.with_next ? ",\"with_next\":true}" : "}");
    }
    out << "]";
  }
}

}  // namespace

std::string schedule_table(const TimedSchedule& t, bool colour) {
  return figures(t) + "\n" + draw_grid(t.schedule, t.timing, {.colour = colour}) + "\n" +
         rank_table(t) + "\n" + message_lines(t.schedule);
}

void write_schedule_json(const TimedSchedule& t, std::ostream& out) {
  const Schedule& s = t.schedule;
  const Timing& timing = t.timing;
  const Json document = {
      {"name", s.name},
      {"stages", s.num_ranks()},  // what --stages means
      {"model_stages", s.stages},
      {"microbatches", s.microbatches},
      {"chunks", s.chunks},
      {"costs", {{"F", t.costs.F}, {"I", t.costs.I}, {"W", t.costs.W}, {"C", t.costs.C}}},
      {"stage_costs", stage_costs(t.costs)},
      {"makespan", timing.makespan},
      {"lower_bound", timing.lower_bound},
      {"lower_bound_if_split", timing.lower_bound_if_split},
      {"bubble_over_ideal", timing.bubble_over_ideal},
      {"bubble_over_total", timing.bubble_over_total},
      {"efficiency", timing.efficiency},
      {"span_bubble", timing.span_bubble},
      {"peak_in_flight", timing.peak_in_flight},
      {"peak_until_input_gradient", timing.peak_until_input_gradient}};
  std::string head = document.dump();
  head.pop_back();  // its closing brace
  out << head << ",\"ranks\":[";
  write_ranks(s, timing, out);
  out << "]}\n";
}

std::string schedule_trace(const TimedSchedule& t) {
  if (const std::size_t actions = num_actions(t.schedule); actions > kMostTracedActions)
    usage_error(text("--format trace: ", actions, " actions; at most ", kMostTracedActions));
  return to_chrome_json(trace_of(t.schedule, t.timing, t.costs));
}

}  // namespace shardpipe
