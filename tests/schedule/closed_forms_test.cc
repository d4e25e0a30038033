// Makespan, bubble, peaks and bounds of every schedule against the formulas, over their whole
// range.
#include "tests/schedule/closed_forms.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

bool is_near(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b)); }

std::string describe(const std::string& name, const Size& s, const Costs& c) {
  return text(name, " p=", s.p, " m=", s.m, " v=", s.v, " F=", c.F, " I=", c.I, " W=", c.W,
              " C=", c.C);
}

// F=I=W=1 with latencies that are exact in binary.
std::vector<Costs> with_latency(const Costs& c) {
  std::vector<Costs> all;
  for (const double latency : {0.25, 0.5, 1.0, 2.0, 4.0}) all.push_back({c.F, c.I, c.W, latency});
  return all;
}

Timing timing_of(const std::string& name, const Size& s, const Costs& c) {
  return simulate(build_schedule(name, s.p, s.m, s.v), c);
}

}  // namespace

TEST_CASE("there is a closed form for every schedule") {
  std::vector<std::string> names;
  for (const ClosedForm& form : closed_forms()) names.push_back(form.name);
  CHECK(names == schedule_names());
}

TEST_CASE("makespans are the closed forms, over all sizes and costs where these hold") {
  for (const ClosedForm& form : closed_forms()) {
    int checked = 0;
    for (const Size& s : valid_sizes(form.name))
      for (const Costs& c : cost_triples()) {
        const Timing t = timing_of(form.name, s, c);
        if (t.makespan < t.lower_bound - 1e-9) FAIL(describe(form.name, s, c));
        if (!form.holds(s, c)) continue;
        ++checked;
        INFO(describe(form.name, s, c) << ": " << t.makespan << ", " << form.makespan(s, c));
        if (!is_near(t.makespan, form.makespan(s, c))) FAIL("not the closed form");
      }
    INFO(form.name);
    CHECK(checked > 20);
  }
}

TEST_CASE("beyond its range a formula is wrong, which is why the range is stated") {
  const auto differs = [](const char* name, Size s, Costs c) {
    return !is_near(timing_of(name, s, c).makespan, closed_form(name).makespan(s, c));
  };
  CHECK(differs("zb_h1", {4, 8, 1}, {1, 1, 2}));
  CHECK(differs("zb_h1", {4, 2, 1}, {1, 1, 1}));
  CHECK(differs("zb_h2", {4, 8, 1}, {1, 3, 1}));
  CHECK(differs("zb_h2", {4, 8, 1}, {1, 1.5, 0.5}));
  CHECK(differs("zb_v", {4, 8, 2}, {1, 2, 1}));
  CHECK(differs("zb_v", {4, 8, 2}, {1, 1, 2}));
  CHECK(differs("v_half", {4, 8, 2}, {1, 2, 1}));
  CHECK(differs("v_min", {4, 8, 2}, {1, 2, 1}));
  CHECK(differs("interleaved_1f1b", {4, 3, 2}, {1, 1, 1}));
  CHECK(differs("dualpipe_v", {4, 8, 2}, {1, 2, 1}));
  CHECK(differs("dualpipe", {8, 16, 1}, {1, 2, 1}));
}

TEST_CASE("bubbles are what the definitions say") {
  for (const ClosedForm& form : closed_forms())
    for (const Size& s : valid_sizes(form.name)) {
      const Costs c{2, 2, 1};
      const Timing t = timing_of(form.name, s, c);
      const double ideal = s.m * (form.name == std::string("forward_only") ? c.F : c.F + c.I + c.W);
      INFO(describe(form.name, s, c));
      if (!is_near(t.bubble_over_ideal, t.makespan / ideal - 1)) FAIL("over ideal");
      if (!is_near(t.bubble_over_total, 1 - ideal / t.makespan)) FAIL("over total");
      if (!is_near(t.efficiency + t.bubble_over_total, 1)) FAIL("efficiency");
    }
  CHECK(timing_of("1f1b", {4, 8, 1}, {}).bubble_over_ideal == Approx(3.0 / 8));
  CHECK(timing_of("1f1b", {4, 8, 1}, {}).bubble_over_total == Approx(3.0 / 11));
  CHECK(timing_of("naive", {4, 8, 1}, {}).bubble_over_ideal == Approx(3));
  CHECK(timing_of("interleaved_1f1b", {4, 8, 2}, {}).bubble_over_ideal == Approx(3.0 / 16));
}

TEST_CASE("zero bubble is the span of each rank, not the makespan") {
  for (const char* name : {"zb_h2", "zb_v"})
    for (const Size& s : valid_sizes(name)) {
      const Timing t = timing_of(name, s, {});
      INFO(describe(name, s, {}));
      for (const double bubble : t.span_bubble)
        if (!is_near(bubble + 1, 1)) FAIL("a rank is idle inside its span");
      if (s.p > 1) CHECK(t.bubble_over_ideal > 0);
    }
  const Timing t = timing_of("zb_h2", {4, 8, 1}, {});
  CHECK(t.ranks[3].back().end - t.ranks[3].front().start == 24);
  CHECK(t.makespan == 27);
  CHECK(timing_of("zb_h1", {4, 8, 1}, {}).span_bubble[0] == Approx(3.0 / 24));
}

TEST_CASE("peaks are the closed forms on every rank, whatever the costs") {
  for (const ClosedForm& form : closed_forms())
    for (const Size& s : valid_sizes(form.name)) {
      const Timing t = timing_of(form.name, s, {});
      for (int r = 0; r < s.p; ++r) {
        INFO(describe(form.name, s, {}) << " rank " << r);
        if (t.peak_in_flight[static_cast<std::size_t>(r)] != form.peak(s, r))
          FAIL(t.peak_in_flight[static_cast<std::size_t>(r)] << ", not " << form.peak(s, r));
        // zb_h1 gives up the outputs of a stage as early as 1f1b does; only W's inputs stay longer.
        if (form.name == std::string("zb_h1") &&
            t.peak_until_input_gradient[static_cast<std::size_t>(r)] != std::min(s.m, s.p - r))
          FAIL("until the input gradient");
      }
    }
}

TEST_CASE("latency costs gpipe one way in and out, and 1f1b more with every round") {
  for (const char* name : {"gpipe", "1f1b"})
    for (const Size& s : valid_sizes(name))
      for (const Costs& triple : cost_triples())
        for (const Costs& c : with_latency(triple)) {
          const double rounds = s.m - 1 - std::ceil((s.m - 1.0) / s.p);
          const double extra =
              2 * (s.p - 1) + (name == std::string("1f1b") && s.p > 1 ? 2 * rounds : 0);
          INFO(describe(name, s, c));
          if (!is_near(timing_of(name, s, c).makespan,
                       closed_form(name).makespan(s, c) + extra * c.C))
            FAIL("not the law of latency");
        }
}

TEST_CASE("eager 1f1b hides messages of up to half of F + B, and not longer ones") {
  const auto shows = [](const Size& s, const Costs& c) {
    return !is_near(timing_of("eager_1f1b", s, c).makespan,
                    closed_form("eager_1f1b").makespan(s, c) + 2 * (s.p - 1) * c.C);
  };
  for (const Size& s : valid_sizes("eager_1f1b"))
    for (const Costs& c : cost_triples())
      for (const double share : {0.25, 0.75, 1.0}) {
        if (s.m < s.p) continue;
        const Costs slow{c.F, c.I, c.W, share * (c.F + c.I + c.W) / 2};
        INFO(describe("eager_1f1b", s, slow));
        if (shows(s, slow)) FAIL("a message shows");
      }
  for (const Costs& c : cost_triples())
    CHECK(shows({4, 8, 1}, {c.F, c.I, c.W, 1.01 * (c.F + c.I + c.W) / 2}));
}

TEST_CASE("zb_h2 hides messages best, as long as they take no longer than a backward") {
  const auto makespan = [](const char* name, double latency) {
    return timing_of(name, {4, 8, 1}, {1, 1, 1, latency}).makespan;
  };
  CHECK(makespan("zb_h2", 1) == 30);
  CHECK(makespan("zb_h2", 2) == 42);
  for (const char* name : {"gpipe", "1f1b", "eager_1f1b", "zb_h1"})
    for (const double latency : {0.5, 1.0, 2.0}) {
      INFO(name << " C=" << latency);
      CHECK(makespan("zb_h2", latency) <= makespan(name, latency));
    }
}

TEST_CASE("interleaving loses to plain 1f1b on slow links") {
  const auto makespan = [](const char* name, int v, double latency) {
    return timing_of(name, {4, 8, v}, {1, 1, 1, latency}).makespan;
  };
  CHECK(makespan("gpipe", 1, 1) == 39);
  CHECK(makespan("1f1b", 1, 1) == 49);
  CHECK(makespan("interleaved_1f1b", 2, 1) == 46);
  CHECK(makespan("zb_h1", 1, 1) == 41);
  CHECK(makespan("gpipe", 1, 2) == 45);
  CHECK(makespan("1f1b", 1, 2) == 65);
  CHECK(makespan("interleaved_1f1b", 2, 2) == 70);
  CHECK(makespan("zb_h1", 1, 2) == 57);
}

TEST_CASE("between stages of the same rank there is no message") {
  for (const char* name : {"interleaved_1f1b", "looped_bfs", "zb_v", "dualpipe_v"})
    CHECK(timing_of(name, {1, 8, 2}, {1, 1, 1, 5}).makespan == 24);
  // Down the V and up again: two messages each way for three ranks, none at the turn.
  const Timing t = timing_of("zb_v", {3, 5, 2}, {2, 2, 2, 5});
  CHECK(t.ranks[2][0].start == 12);                 // 2F0, after two forwards and two messages
  CHECK(t.ranks[2][1].start == t.ranks[2][0].end);  // 3F0
}

TEST_CASE("the makespans of four ranks and eight micro-batches") {
  const auto makespan = [](const char* name) {
    return timing_of(name, {4, 8, default_chunks(name)}, {}).makespan;
  };
  CHECK(makespan("naive") == 96);
  CHECK(makespan("gpipe") == 33);
  CHECK(makespan("1f1b") == 33);
  CHECK(makespan("eager_1f1b") == 33);
  CHECK(makespan("interleaved_1f1b") == 28.5);
  CHECK(makespan("looped_bfs") == 28.5);
  CHECK(makespan("zb_h1") == 27);
  CHECK(makespan("zb_h2") == 27);
  CHECK(makespan("zb_v") == 25.5);
  CHECK(makespan("v_half") == 26.5);
  CHECK(makespan("v_min") == 29.5);
  CHECK(makespan("dualpipe_v") == 27);
  CHECK(makespan("dualpipe") == 26);
  CHECK(makespan("forward_only") == 11);
}

TEST_CASE("the lower bound counts the way in, the work and the way out") {
  CHECK(timing_of("gpipe", {4, 8, 1}, {}).lower_bound == 33);
  CHECK(timing_of("gpipe", {4, 8, 1}, {1, 1, 1, 2}).lower_bound == 45);
  CHECK(timing_of("naive", {4, 8, 1}, {}).lower_bound == 33);  // the same work in the same places
  CHECK(timing_of("zb_h2", {4, 8, 1}, {}).lower_bound == 27);  // W needs no way out
  CHECK(timing_of("forward_only", {4, 8, 1}, {}).lower_bound == 11);
  // Two stages a rank in a V: rank 0 has the first and the last.
  CHECK(timing_of("zb_v", {2, 4, 2}, {}).lower_bound == 12.5);
  CHECK(timing_of("gpipe", {4, 1, 1}, {}).lower_bound == 12);  // a micro-batch alone
}

TEST_CASE("a backward cut in two has a lower bound") {
  const auto bound = [](const char* name, const Costs& c) {
    return timing_of(name, {4, 8, 1}, c).lower_bound_if_split;
  };
  for (const Costs& c : cost_triples()) {
    CHECK(is_near(bound("gpipe", c), 3 * c.F + 8 * (c.F + c.I + c.W)));
    CHECK(bound("1f1b", c) == bound("zb_h2", c));
  }
  CHECK(bound("zb_h2", {}) == timing_of("zb_h2", {4, 8, 1}, {}).lower_bound);
  CHECK(bound("forward_only", {}) == 11);
  CHECK(timing_of("gpipe", {4, 1, 1}, {}).lower_bound_if_split == 9);
}

TEST_CASE("stages that differ: each action takes what its stage takes") {
  const auto ramp = [](int stages) {
    Costs c{1, 1, 1, 0.5};
    for (int s = 0; s < stages; ++s) c.stages.push_back({1.0 + s, 2.0 + s, 0.5 * s});
    return c;
  };
  for (const std::string& name : schedule_names()) {
    const int v = default_chunks(name);
    const Schedule schedule = build_schedule(name, 4, 8, v);
    INFO(name);
    Costs alike{3, 2, 1, 1};
    const double makespan = simulate(schedule, alike).makespan;
    alike.stages.assign(static_cast<std::size_t>(schedule.stages), {3.0 / v, 2.0 / v, 1.0 / v});
    CHECK(simulate(schedule, alike).makespan == Approx(makespan));
    const Timing t = simulate(schedule, ramp(schedule.stages));
    CHECK(t.makespan >= t.lower_bound);
    CHECK(t.lower_bound >= t.lower_bound_if_split);
  }
  // 8 times F and B of each stage, and 3 messages each way.
  const Costs c = ramp(4);
  CHECK(simulate(build_schedule("naive", 4, 8, 1), c).makespan == 8 * (10 + 14 + 3 + 6 * 0.5));
  CHECK(simulate(build_schedule("1f1b", 1, 8, 1), ramp(1)).makespan == 8 * 3);
}

TEST_CASE("costs of stages that do not fit the schedule are refused") {
  const Schedule s = build_schedule("zb_v", 2, 4, 2);
  const auto refusal = [&](std::vector<Costs::Stage> stages) {
    return usage_message([&] { simulate(s, {1, 1, 1, 0, std::move(stages)}); });
  };
  CHECK(refusal({{1, 1, 1}}) == "costs of 1 stages for a schedule of 4");
  CHECK(lacks(refusal({{}, {}, {0, 1, 1}, {}}), {"F must be above 0"}) == "");
  CHECK(lacks(refusal({{}, {1, 1, -1}, {}, {}}), {"at least 0"}) == "");
}

}  // namespace shardpipe
