// The runner on the modelled machine takes exactly the time that the simulator says, and holds as
// much. The race check of the modelled machine looks at every run.
#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "core/trace/what_if.h"
#include "labs/timed_stage.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// Calls f for every schedule that exists with up to 4 ranks and 9 micro-batches.
int for_each_schedule(const std::function<void(const Schedule&)>& f) {
  int count = 0;
  for (const std::string& name : schedule_names())
    for (const int ranks : {2, 3, 4})
      for (const int microbatches : {1, 2, 4, 6, 8, 9}) {
        try {
          f(build_schedule(name, ranks, microbatches, default_chunks(name)));
          ++count;
        } catch (const Error& error) {
          if (error.code() != ExitCode::usage) throw;  // not valid
        }
      }
  return count;
}

// Without blocks (Action::with_next): the runner does one action after the other.
Schedule one_by_one(Schedule s) {
  for (auto& actions : s.ranks)
    for (Action& a : actions) a.with_next = false;
  return s;
}

std::string name_of_case(const Schedule& s, const Costs& c, P2p p2p) {
  return text(s.name, " p=", s.num_ranks(), " m=", s.microbatches, " F,I,W,C=", c.F, ",", c.I, ",",
              c.W, ",", c.C, " ", name_of(p2p));
}

}  // namespace

TEST_CASE("without latency the runner takes the simulator's time and holds as much") {
  const int schedules = for_each_schedule([](const Schedule& s) {
    for (const Costs& costs : {Costs{1, 1, 1, 0}, Costs{1, 2, 1, 0}, Costs{3, 3, 2, 0}})
      for (const P2p p2p : {P2p::one_lane, P2p::prefetch}) {
        const bool all_equal = costs.F == costs.I && costs.I == costs.W;
        const Timing want = simulate(one_by_one(s), costs);
        const TimedRun got = run_timed(insert_messages(s), costs, {.p2p = p2p});
        INFO(name_of_case(s, costs, p2p));
        // insert_messages orders the one lane for equal costs; with others a message may wait for
        // one that is made later.
        if (p2p == P2p::one_lane && !all_equal)
          CHECK(got.makespan >= want.makespan - 1e-3);
        else
          CHECK(got.makespan == Approx(want.makespan).epsilon(1e-4));
        CHECK(got.peak_in_flight == want.peak_in_flight);
      }
  });
  CHECK(schedules > 100);
}

TEST_CASE("sending on the compute stream never hangs, and is never faster") {
  for_each_schedule([](const Schedule& s) {
    for (const bool group : {false, true}) {
      const Costs costs = {1, 1, 1, 0.5};
      Program program = insert_messages(s);
      if (group) program = group_messages(program);
      INFO(name_of_case(s, costs, P2p::blocking));
      CHECK(run_timed(program, costs, {.p2p = P2p::blocking}).makespan >=
            simulate(one_by_one(s), costs).makespan - 1e-3);
    }
  });
}

TEST_CASE("with latency no way to send is faster than the law, and prefetch keeps to it") {
  const Costs costs = {1, 1, 1, 1};
  for (const char* name : {"gpipe", "1f1b", "eager_1f1b", "interleaved_1f1b", "zb_h1"}) {
    const Schedule s = build_schedule(name, 4, 8, default_chunks(name));
    const double law = simulate(s, costs).makespan;
    const Program program = insert_messages(s);
    INFO(name);
    CHECK(run_timed(program, costs, {.p2p = P2p::one_lane}).makespan >= law - 1e-3);
    CHECK(run_timed(program, costs, {.p2p = P2p::blocking}).makespan >= law - 1e-3);
    CHECK(run_timed(program, costs, {.p2p = P2p::prefetch}).makespan == Approx(law).epsilon(1e-4));
  }
}

TEST_CASE("each rank deciding alone hangs: both machines name the waits") {
  const Schedule s = build_schedule("1f1b", 2, 4, 1);
  const Program program = insert_messages_locally(s);
  CHECK(check_program(program) != "");
  const Boundary boundary = {{2, 3}, DType::f32};
  const auto sentence_of = [](const std::function<void()>& run) {
    try {
      run();
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::deadlock);
      return std::string(error.what());
    }
    return std::string("no deadlock");
  };
  const std::string at_once = sentence_of([&] { run_timed(program, {}, {.p2p = P2p::blocking}); });
  const std::string on_cpu = sentence_of([&] {
    run_on_cpu({.grid = {.pp = 2}}, [&](RankContext& ctx) {
      TimedStage stage({}, 1, boundary);
      PipelineRunner runner(ctx, program, {{ctx.pp.rank(), &stage}}, boundary, {});
      runner.run(ctx);
    });
  });
  for (const std::string& sentence : {at_once, on_cpu}) {
    INFO(sentence);
    CHECK(sentence.find("rank 0 waits in exchange") != std::string::npos);
    CHECK(sentence.find("rank 1 waits in exchange") != std::string::npos);
  }
}

TEST_CASE("free messages: what the trace of a run tells is what a run without latency takes") {
  int open = 0;
  const int schedules = for_each_schedule([&](const Schedule& s) {
    for (const P2p p2p : {P2p::one_lane, P2p::prefetch}) {
      Costs costs{2, 2, 2, 0.5};
      const Program program = insert_messages(s);
      const TimedRun run = run_timed(program, costs, {.p2p = p2p});
      costs.C = 0;
      const auto truth_ns = run_timed(program, costs, {.p2p = p2p}).trace.wall_ns;
      const WallBounds wall = WhatIf(run.trace).wall_if(
          [](const Span& span) { return is_communication(span.kind) ? 0.0 : 1.0; });
      INFO(name_of_case(s, costs, p2p));
      CHECK(wall.least_ns <= truth_ns);
      CHECK(wall.most_ns >= truth_ns);
      open += wall.least_ns < wall.most_ns;
    }
  });
  INFO(open << " of " << 2 * schedules << " answers are left open");
  CHECK(open < schedules);
}

}  // namespace shardpipe
