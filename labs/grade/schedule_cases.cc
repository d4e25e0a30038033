#include "labs/grade/schedule_cases.h"

#include <algorithm>

#include "core/schedule/checker.h"
#include "core/schedule/messages.h"
#include "core/schedule/picture.h"
#include "labs/grade/guard.h"
#include "labs/grade/schedule_picture.h"

namespace shardpipe {
namespace {

// A rank that is asked for a few actions and answers with millions is told so.
constexpr std::size_t kMostTimesRight = 100;

class Trying {
 public:
  void run(const ScheduleCase& c);
  Trial finish() { return std::move(trial_); }

 private:
  bool ask(const ScheduleCase& c, Schedule& schedule);
  bool check_order(const ScheduleCase& c, const Schedule& schedule);
  void check_program_of(const Schedule& schedule);
  void check_time(const ScheduleCase& c, const Schedule& schedule);
  void check_held(const ScheduleCase& c, const Schedule& schedule);
  void add(const ScheduleCase& c, Dimension dimension, const std::string& said,
           std::vector<std::string> picture = {});
  void ended(const ScheduleCase& c, ExitCode code, const std::string& said,
             std::vector<std::string> picture = {});

  Trial trial_;
};

void Trying::add(const ScheduleCase& c, Dimension dimension, const std::string& said,
                 std::vector<std::string> picture) {
  trial_.findings.push_back({dimension, text(said, " (", c.name, ")"), std::move(picture)});
}

void Trying::ended(const ScheduleCase& c, ExitCode code, const std::string& said,
                   std::vector<std::string> picture) {
  if (trial_.code == ExitCode::success) trial_.code = code;
  add(c, Dimension::correctness, said, std::move(picture));
}

// What the answer says of every rank.
bool Trying::ask(const ScheduleCase& c, Schedule& schedule) {
  schedule = c.right;
  schedule.name = "yours";
  ++trial_.checks;
  trial_.signature += c.name + "\n";
  for (int rank = 0; rank < schedule.num_ranks(); ++rank) {
    auto& order = schedule.ranks[static_cast<std::size_t>(rank)];
    const std::size_t most = kMostTimesRight * order.size();
    const Guarded guarded("checker", c.name, rank);
    try {
      order = c.order(rank);
    } catch (const Error& e) {
      trial_.not_written = trial_.not_written || e.code() == ExitCode::not_written;
      return ended(c, e.code(), text("rank ", rank, ": ", e.what())), false;
    } catch (const std::exception& e) {
      return ended(c, ExitCode::crash, text("rank ", rank, ": an exception: ", e.what())), false;
    }
    if (order.size() > most)
      return ended(c, ExitCode::wrong, text("rank ", rank, " has ", order.size(), " actions")),
             false;
    for (const Action& action : order) trial_.signature += to_string(action) + " ";
    trial_.signature += "\n";
  }
  return true;
}

// What check_completeness does not object to: forwards alone, halves of a backward where the right
// schedule has whole ones, stages on other ranks. "": none of these.
std::string out_of_place(const Schedule& schedule, const Schedule& right) {
  if (is_forward_only(schedule) && !is_forward_only(right)) return "no rank has any backward";
  const std::vector<ActionKind> kinds = kinds_in(right);
  const StagePlacement placement(right);
  for (int rank = 0; rank < schedule.num_ranks(); ++rank)
    for (const Action& a : schedule.ranks[static_cast<std::size_t>(rank)]) {
      if (std::find(kinds.begin(), kinds.end(), a.kind) == kinds.end())
        return text("rank ", rank, " has ", to_string(a), ", and there is no ", words_of(a.kind),
                    " in this schedule");
      if (const int home = placement.rank_of(a.stage, a.microbatch); home != rank)
        return text("rank ", rank, " has ", to_string(a), ", which is for rank ", home);
    }
  return "";
}

bool Trying::check_order(const ScheduleCase& c, const Schedule& schedule) {
  ++trial_.checks;
  std::string wrong = check_completeness(schedule);
  if (wrong.empty()) wrong = out_of_place(schedule, c.right);
  if (!wrong.empty()) {
    std::vector<std::string> picture = first_difference(schedule, c.right);
    return ended(c, ExitCode::wrong, lines_of(wrong)[0], std::move(picture)), false;
  }
  wrong = check_schedule(schedule);
  if (wrong.empty()) return true;
  std::vector<std::string> circle = lines_of(wrong);
  const std::string said = circle[0];
  circle.erase(circle.begin());
  return ended(c, ExitCode::deadlock, said, std::move(circle)), false;
}

// Every legal schedule has a program that ends: insert_messages promises it.
void Trying::check_program_of(const Schedule& schedule) {
  ++trial_.checks;
  const std::string hang = check_program(insert_messages(schedule));
  if (!hang.empty()) fail(ExitCode::fault, text("the messages of a legal schedule hang: ", hang));
}

// Under all costs; the first under which it takes too long is told.
void Trying::check_time(const ScheduleCase& c, const Schedule& schedule) {
  bool is_told = false;
  for (const Costs& costs : c.costs) {
    ++trial_.checks;
    const double got = simulate(schedule, costs).makespan, most = c.makespan(costs);
    if (got <= most * (1 + 1e-9) || is_told) continue;
    is_told = true;
    add(c, Dimension::schedule,
        text("it takes ", number_text(got), " where ", c.makespan_words, " = ", number_text(most),
             " is enough, with F = ", costs.F, ", B = ", costs.I + costs.W, ": ",
             first_delay(schedule, c.right, costs)),
        drawn_beside(schedule, c.right, costs));
  }
}

// Of all ranks, the first that holds more or less than it should. What is held is a matter of the
// order alone, so any costs will do.
void Trying::check_held(const ScheduleCase& c, const Schedule& schedule) {
  const Timing timing = simulate(schedule, c.costs[0]);
  ++trial_.checks;
  for (int rank = 0; rank < schedule.num_ranks(); ++rank) {
    const int got = timing.peak_in_flight[static_cast<std::size_t>(rank)], wanted = c.held(rank);
    if (got == wanted) continue;
    add(c, Dimension::memory,
        text("rank ", rank, " holds ", got, got == 1 ? " micro-batch" : " micro-batches", ", and ",
             c.held_words, " = ", wanted, got > wanted ? " is enough" : " keeps it busy"),
        drawn_beside(schedule, c.right, c.costs[0]));
    return;
  }
}

void Trying::run(const ScheduleCase& c) {
  Schedule schedule;
  if (!ask(c, schedule) || !check_order(c, schedule)) return;
  check_program_of(schedule);
  check_time(c, schedule);
  check_held(c, schedule);
}

}  // namespace

Trial run_schedule_cases(const std::vector<ScheduleCase>& cases) {
  Trying trying;
  for (const ScheduleCase& c : cases) trying.run(c);
  return trying.finish();
}

}  // namespace shardpipe
