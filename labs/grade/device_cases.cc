#include "labs/grade/device_cases.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "core/base/data_root.h"
#include "core/cost/hardware.h"
#include "core/cost/roofline.h"
#include "labs/grade/ending.h"
#include "labs/grade/error_map.h"
#include "labs/grade/guard.h"
#include "labs/grade/steps_picture.h"
#include "labs/grade/streams_picture.h"

namespace shardpipe {
namespace {

constexpr double kTimeLimitS = 5;  // also on a machine that has much else to do

std::size_t at(int rank) { return static_cast<std::size_t>(rank); }

Call call_of(const OpInfo& op) {
  Call call{.kind = op.kind,
            .axis = op.group->axis,
            .group = op.group->label(),
            .bytes = op.bytes,
            .messages = op.messages,
            .phase = op.tags.phase};
  // Messages of one exchange have no order.
  std::stable_sort(call.messages.begin(), call.messages.end(), [](auto& a, auto& b) {
    return std::tuple(a.is_send, a.peer) < std::tuple(b.is_send, b.peer);
  });
  return call;
}

// The calls of one rank; barriers belong to the window.
std::vector<Call> calls_of(const std::vector<OpInfo>& operations) {
  std::vector<Call> calls;
  for (const OpInfo& op : operations)
    if (is_communication(op.kind) && op.kind != OpKind::barrier) calls.push_back(call_of(op));
  return calls;
}

// facts: also after an error, what was submitted.
void run_into(RunFacts& facts, const DeviceCase& c, Trace* until_error) {
  static const RooflineModel machine(load_hardware(data_root() + "/solutions/grading.json"));
  const int ranks = c.grid.ranks();
  facts.ranks.resize(at(ranks));
  RunOptions options{.grid = c.grid, .time_limit_s = kTimeLimitS};
  options.on_operations = [&](int rank, const std::vector<OpInfo>& operations) {
    facts.ranks[at(rank)].calls = calls_of(operations);
  };
  if (until_error != nullptr)
    options.on_failure = [&](const Trace& until) { *until_error = until; };
  RunReport report = run_modelled(options, machine, [&](RankContext& ctx) {
    const Guarded guarded("modelled", c.name, ctx.rank);
    c.program(ctx);
  });
  for (int rank = 0; rank < ranks; ++rank)
    facts.ranks[at(rank)].peak_bytes = report.ranks[at(rank)].peak_bytes;
  facts.wall_ns = report.trace.wall_ns;
  facts.trace = std::move(report.trace);
}

std::vector<std::string> picture_of(Dimension dimension, const RunFacts& facts) {
  if (dimension == Dimension::communication) return steps_picture(facts);
  if (dimension == Dimension::schedule) return streams_picture(facts);
  return {};
}

class Trying {
 public:
  void run(const DeviceCase& c);
  Trial finish();

 private:
  std::optional<RunFacts> run_modelled_first(const DeviceCase& c);
  void check_budgets(const DeviceCase& c, const RunFacts& facts);
  void compare_numbers(const DeviceCase& c);
  void ended(const DeviceCase& c, const Error& e, bool is_modelled);
  void add(const DeviceCase& c, Dimension dimension, const std::string& said,
           std::vector<std::string> picture = {});

  Trial trial_;
  std::set<std::string> over_;  // budgets that a case has already failed
};

void Trying::add(const DeviceCase& c, Dimension dimension, const std::string& said,
                 std::vector<std::string> picture) {
  trial_.findings.push_back({dimension, text(said, " (", c.name, ")"), std::move(picture)});
}

void Trying::ended(const DeviceCase& c, const Error& e, bool is_modelled) {
  if (e.code() == ExitCode::not_written) trial_.not_written = true;
  if (trial_.code == ExitCode::success) trial_.code = e.code();
  const Ending ending = ending_of(e, is_modelled);
  trial_.signature += ending.signature;
  add(c, Dimension::correctness, ending.said, ending.picture);
}

std::optional<RunFacts> Trying::run_modelled_first(const DeviceCase& c) {
  ++trial_.checks;
  RunFacts facts;
  std::string error;
  try {
    run_into(facts, c, nullptr);
  } catch (const Error& e) {
    ended(c, e, true);
    error = e.what();
  }
  for (std::size_t rank = 0; rank < facts.ranks.size(); ++rank) {
    trial_.signature += text("rank ", rank, ":");
    for (const Call& call : facts.ranks[rank].calls) trial_.signature += " " + call.words();
    trial_.signature += "\n";
  }
  if (!error.empty()) return std::nullopt;
  return facts;
}

// Of all ranks, the first that is over or under its limit; of all cases, too, since the others
// would say the same with other figures.
void Trying::check_budgets(const DeviceCase& c, const RunFacts& facts) {
  for (const Budget& budget : c.budgets) {
    ++trial_.checks;
    for (int rank = 0; rank < c.grid.ranks(); ++rank) {
      const double got = budget.measure(facts, rank), most = budget.most(rank);
      const double least = budget.least ? budget.least(rank) : 0;
      if (got >= least && got <= most) continue;
      if (over_.insert(budget.what).second)
        add(c, budget.dimension,
            text("rank ", rank, ": ", got, " ", budget.what, "; ",
                 got > most ? text("allowed ", most) : text("needed ", least)),
            picture_of(budget.dimension, facts));
      trial_.signature += text(budget.what, " ", rank, ": ", got, "\n");
      break;
    }
  }
}

void Trying::compare_numbers(const DeviceCase& c) {
  HeldByRank held;
  RunOptions options{.grid = c.grid, .time_limit_s = kTimeLimitS, .record_trace = false};
  options.red_zones = true;
  options.make_kernels = c.make_kernels;
  ++trial_.checks;
  try {
    held = held_after(c, "cpu", options, run_on_cpu);
  } catch (const Error& e) {
    ended(c, e, false);
    return;
  }
  const Difference difference = compare(held, c);
  trial_.checks += difference.compared;
  if (!difference.said.empty()) add(c, Dimension::correctness, difference.said, difference.picture);
  for (const std::vector<HeldNumbers>& rank : held)
    for (const HeldNumbers& one : rank) trial_.signature += words_of(one, c);
}

void Trying::run(const DeviceCase& c) {
  const std::optional<RunFacts> facts = run_modelled_first(c);
  if (!facts) return;
  compare_numbers(c);
  check_budgets(c, *facts);
}

// What is wrong comes first, then what is right and costs too much.
Trial Trying::finish() {
  std::stable_partition(trial_.findings.begin(), trial_.findings.end(),
                        [](const Finding& f) { return f.dimension == Dimension::correctness; });
  return std::move(trial_);
}

}  // namespace

std::string Call::words() const {
  std::string all = text(name_of(kind), " ", group, " ", bytes);
  for (const MessageInfo& m : messages)
    all += text(m.is_send ? " to " : " from ", m.peer, ": ", m.bytes);
  return all;
}

std::int64_t RankFacts::sent_bytes() const {
  std::int64_t sum = 0;
  for (const Call& call : calls)
    if (call.kind == OpKind::exchange) sum += call.bytes;
  return sum;
}

int RankFacts::calls_of(OpKind kind) const {
  return static_cast<int>(
      std::count_if(calls.begin(), calls.end(), [&](const Call& c) { return c.kind == kind; }));
}

RunFacts run_on_grading_machine(const DeviceCase& c, Trace* until_error) {
  RunFacts facts;
  run_into(facts, c, until_error);
  return facts;
}

Trial run_cases(const std::vector<DeviceCase>& cases) {
  Trying trying;
  for (const DeviceCase& c : cases) trying.run(c);
  return trying.finish();
}

}  // namespace shardpipe
