#include "core/schedule/messages.h"

#include <algorithm>
#include <tuple>

#include "core/base/error.h"
#include "core/schedule/checker.h"
#include "core/schedule/replay.h"

namespace shardpipe {
namespace {

// What an action's result is sent to another rank as; false if it stays on its rank.
bool transfer_of(const Action& a, int stages, const StagePlacement& placement, Transfer& transfer) {
  if (a.kind == ActionKind::W) return false;
  const bool is_forward = a.kind == ActionKind::F;
  const int stage = is_forward ? a.stage + 1 : a.stage - 1;
  if (stage < 0 || stage >= stages) return false;
  transfer = {.payload = is_forward ? Payload::activation : Payload::gradient,
              .stage = stage,
              .microbatch = a.microbatch,
              .from = placement.rank_of(a.stage, a.microbatch),
              .to = placement.rank_of(stage, a.microbatch)};
  return transfer.from != transfer.to;
}

// The transfer that an action has to wait for; false if its input is on its rank already.
bool transfer_into(const Action& a, int stages, const StagePlacement& placement,
                   Transfer& transfer) {
  const Needs needs = needs_of(a, stages);
  if (needs.stage_before)
    return transfer_of({a.stage - 1, ActionKind::F, a.microbatch}, stages, placement, transfer);
  if (needs.stage_behind)
    return transfer_of({a.stage + 1, ActionKind::I, a.microbatch}, stages, placement, transfer);
  return false;
}

Step compute(const Action& action) { return {.is_compute = true, .action = action}; }
Step exchange(const Transfer& transfer) { return {.is_compute = false, .transfers = {transfer}}; }

// An action at its start or a transfer at the end of the action that makes it.
struct Event {
  double time = 0;
  int rank = 0;
  Step step = {};

  // Transfers come first, or an action would begin before its input came.
  auto key() const { return std::tuple(time, step.is_compute, rank); }
};

std::vector<Event> events_of(const Schedule& schedule, const StagePlacement& placement,
                             const Replay& replayed) {
  std::vector<Event> events;
  for (int r = 0; r < schedule.num_ranks(); ++r) {
    const auto& order = schedule.ranks[static_cast<std::size_t>(r)];
    const auto& times = replayed.ranks[static_cast<std::size_t>(r)];
    for (std::size_t i = 0; i < order.size(); ++i) {
      events.push_back({times[i].start, r, compute(order[i])});
      Transfer transfer;
      if (transfer_of(order[i], schedule.stages, placement, transfer))
        events.push_back({times[i].end, r, exchange(transfer)});
    }
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.key() < b.key(); });
  return events;
}

Program empty_program(const Schedule& schedule) {
  if (const std::string wrong = check_schedule(schedule); !wrong.empty())
    fail(ExitCode::wrong, wrong);
  return {.schedule = schedule, .ranks = std::vector<std::vector<Step>>(schedule.ranks.size())};
}

}  // namespace

const char* name_of(Payload payload) {
  return payload == Payload::activation ? "activation" : "gradient";
}

Program insert_messages(const Schedule& schedule) {
  Program program = empty_program(schedule);
  const StagePlacement placement(schedule);
  const double unit = schedule.chunks;  // an action takes exactly 1 (B takes 2): no rounding
  const Replay replayed = replay(schedule, placement, {.F = unit, .I = unit, .W = unit, .C = 0});
  for (const Event& event : events_of(schedule, placement, replayed)) {
    const auto append = [&](int rank) {
      program.ranks[static_cast<std::size_t>(rank)].push_back(event.step);
    };
    append(event.rank);
    if (!event.step.is_compute) append(event.step.transfers[0].to);
  }
  return program;
}

Program insert_messages_locally(const Schedule& schedule) {
  Program program = empty_program(schedule);
  const StagePlacement placement(schedule);
  for (std::size_t r = 0; r < schedule.ranks.size(); ++r)
    for (const Action& action : schedule.ranks[r]) {
      Transfer transfer;
      if (transfer_into(action, schedule.stages, placement, transfer))
        program.ranks[r].push_back(exchange(transfer));
      program.ranks[r].push_back(compute(action));
      if (transfer_of(action, schedule.stages, placement, transfer))
        program.ranks[r].push_back(exchange(transfer));
    }
  return program;
}

Program group_messages(const Program& program) {
  Program grouped{.schedule = program.schedule, .ranks = {}};
  for (const auto& steps : program.ranks) {
    std::vector<Step> out;
    for (const Step& step : steps) {
      if (step.is_compute || out.empty() || out.back().is_compute)
        out.push_back(step);
      else
        out.back().transfers.insert(out.back().transfers.end(), step.transfers.begin(),
                                    step.transfers.end());
    }
    grouped.ranks.push_back(std::move(out));
  }
  return grouped;
}

Schedule split_backward(const Schedule& schedule) {
  Schedule split = schedule;
  for (auto& order : split.ranks) {
    std::vector<Action> out;
    for (const Action& a : order) {
      if (a.kind == ActionKind::B) {
        out.push_back({a.stage, ActionKind::I, a.microbatch});
        out.push_back({a.stage, ActionKind::W, a.microbatch});
      } else {
        out.push_back(a);
        out.back().with_next = false;
      }
    }
    order = std::move(out);
  }
  return split;
}

}  // namespace shardpipe
