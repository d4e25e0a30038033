// Mistakes that people make in a schedule, and which figure finds each: legality, makespan or peak.
// One warm-up too many keeps the makespan and is found by memory alone.
#include <algorithm>

#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "core/schedule/lags.h"
#include "core/schedule/simulator.h"
#include "tests/schedule/closed_forms.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr int kRanks = 4, kMicrobatches = 8;

// "legality", "makespan", "peak", or "" for a schedule that is as good as the real one.
std::string found_by(const Schedule& schedule, const std::string& name) {
  if (!check_schedule(schedule).empty()) return "legality";
  const Timing timing = simulate(schedule, {});
  const ClosedForm& form = closed_form(name);
  const Size size{schedule.num_ranks(), schedule.microbatches, schedule.chunks};
  if (std::abs(timing.makespan - form.makespan(size, {})) > 1e-9) return "makespan";
  for (int r = 0; r < size.p; ++r)
    if (timing.peak_in_flight[static_cast<std::size_t>(r)] != form.peak(size, r)) return "peak";
  return "";
}

// 1f1b with another lag: lag_of(r).
template <class LagOf>
Schedule with_lags(LagOf lag_of) {
  Schedule s{.name = "mutant", .stages = kRanks, .microbatches = kMicrobatches};
  for (int r = 0; r < kRanks; ++r)
    s.ranks.push_back(lagged(kMicrobatches, {{ActionKind::F, 0}, {ActionKind::B, lag_of(r)}},
                             [r](ActionKind kind, int k) {
                               return Action{r, kind, k};
                             }));
  return s;
}

Schedule real(const char* name) { return build_schedule(name, kRanks, kMicrobatches, 1); }

}  // namespace

TEST_CASE("the real ones pass") {
  for (const std::string& name : schedule_names())
    CHECK(found_by(build_schedule(name, kRanks, kMicrobatches, default_chunks(name)), name) == "");
  CHECK(found_by(with_lags([](int r) { return kRanks - 1 - r; }), "1f1b") == "");
}

TEST_CASE("wrong warm-ups of 1f1b") {
  CHECK(found_by(with_lags([](int r) { return std::max(0, kRanks - 2 - r); }), "1f1b") ==
        "makespan");                                                               // one short
  CHECK(found_by(with_lags([](int r) { return kRanks - r; }), "1f1b") == "peak");  // one long
  CHECK(found_by(with_lags([](int r) { return r; }), "1f1b") == "legality");       // reversed
  CHECK(found_by(with_lags([](int) { return kRanks - 1; }), "1f1b") ==
        "makespan");                                                        // same everywhere
  CHECK(found_by(with_lags([](int) { return 0; }), "1f1b") == "makespan");  // none
  for (int one = 0; one < kRanks; ++one) {
    const auto with_change = [&](int change) {
      return with_lags([=](int r) { return kRanks - 1 - r + (r == one ? change : 0); });
    };
    // One rank alone delays the ranks before it; on rank 0 there are none, and only memory tells.
    CHECK(found_by(with_change(+1), "1f1b") == (one == 0 ? "peak" : "makespan"));
    if (one < kRanks - 1) CHECK(found_by(with_change(-1), "1f1b") == "makespan");
  }
}

TEST_CASE("a wrong order of two actions, anywhere in any schedule, is found or harmless") {
  // Swapping neighbours never makes a schedule better, and what makes it worse is seen.
  int found = 0, harmless = 0;
  for (const char* name : {"1f1b", "zb_h1"}) {
    const Schedule right = real(name);
    for (std::size_t r = 0; r < right.ranks.size(); ++r)
      for (std::size_t i = 0; i + 1 < right.ranks[r].size(); ++i) {
        Schedule s = right;
        std::swap(s.ranks[r][i], s.ranks[r][i + 1]);
        (found_by(s, name).empty() ? harmless : found) += 1;
      }
  }
  INFO("harmless: " << harmless);
  CHECK(found > 100);
}

TEST_CASE("weight gradients before the input gradients") {
  Schedule s = real("zb_h1");
  for (auto& order : s.ranks)
    for (Action& a : order)
      a.kind = a.kind == ActionKind::I   ? ActionKind::W
               : a.kind == ActionKind::W ? ActionKind::I
                                         : a.kind;
  CHECK(found_by(s, "zb_h1") == "legality");
}

TEST_CASE("weight gradients too early or too late") {
  Schedule early{.name = "mutant", .stages = kRanks, .microbatches = kMicrobatches};
  Schedule late = early;
  for (int r = 0; r < kRanks; ++r) {
    const auto action_of = [r](ActionKind kind, int k) { return Action{r, kind, k}; };
    const int lag = kRanks - 1 - r;
    early.ranks.push_back(lagged(kMicrobatches,
                                 {{ActionKind::F, 0}, {ActionKind::I, lag}, {ActionKind::W, lag}},
                                 action_of));
    late.ranks.push_back(lagged(kMicrobatches,
                                {{ActionKind::F, 0}, {ActionKind::I, lag}, {ActionKind::W, kRanks}},
                                action_of));
  }
  CHECK(found_by(early, "zb_h1") == "makespan");
  CHECK(found_by(late, "zb_h1") == "peak");
}

TEST_CASE("an action lost, doubled, or on the wrong rank") {
  for (const std::string& name : schedule_names()) {
    const Schedule right = build_schedule(name, kRanks, kMicrobatches, default_chunks(name));
    for (std::size_t r = 0; r < right.ranks.size(); ++r)
      for (std::size_t i = 0; i < right.ranks[r].size(); ++i) {
        Schedule lost = right, doubled = right, moved = right;
        const auto at = static_cast<std::ptrdiff_t>(i);
        lost.ranks[r].erase(lost.ranks[r].begin() + at);
        doubled.ranks[r].insert(doubled.ranks[r].begin() + at, right.ranks[r][i]);
        moved.ranks[(r + 1) % right.ranks.size()].push_back(right.ranks[r][i]);
        moved.ranks[r].erase(moved.ranks[r].begin() + at);
        for (const Schedule* s : {&lost, &doubled, &moved})
          // One forward, of many, on a further rank is no contradiction in inference.
          if (check_schedule(*s).empty() && !(s == &moved && name == "forward_only"))
            FAIL(name << " rank " << r << ": " << to_string(right.ranks[r][i]));
      }
  }
}

TEST_CASE("the last rank that starts with micro-batch 1") {
  // As in a public implementation: 3F1 3B0 .. 3F8 3B7, micro-batch 0 never computed.
  Schedule s = real("1f1b");
  for (Action& a : s.ranks[3])
    if (a.kind == ActionKind::F) ++a.microbatch;
  CHECK(check_schedule(s).find("rank 3 has 3F8, and there are 4 stages and 8 micro-batches") == 0);
}

TEST_CASE("a full backward that is charged for its first half only") {
  // As in a public simulator, which finds 22 for 1f1b where 33 is right.
  const Schedule s = real("1f1b");
  CHECK(simulate(s, {1, 1, 0, 0}).makespan == 22);
  CHECK(simulate(s, {1, 1, 1, 0}).makespan == 33);
}

}  // namespace shardpipe
