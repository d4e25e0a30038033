// What if an operation took no time: against closed forms, simulators and modelled runs whose
// answer is known.
#include "core/trace/what_if.h"

#include "core/launch/launch.h"
#include "core/schedule/builders.h"
#include "core/trace/schedule_trace.h"
#include "tests/support/catch.h"
#include "tests/trace/made_up.h"

namespace shardpipe {
namespace {

bool is_unchanged(const Trace& trace) {
  const WallBounds wall = WhatIf(trace).wall_if([](const Span&) { return 1.0; });
  return wall.least_ns == trace.wall_ns && wall.most_ns == trace.wall_ns;
}

double communication_free(const Span& s) { return is_communication(s.kind) ? 0 : 1; }

// Without blocks, in which two actions share their time.
Schedule one_by_one(Schedule s) {
  for (auto& actions : s.ranks)
    for (Action& a : actions) a.with_next = false;
  return s;
}

// Compute costs its flops in ns, communication `comm_ns`.
class FixedCosts : public CostModel {
 public:
  explicit FixedCosts(std::int64_t comm_ns) : comm_ns_(comm_ns) {}
  std::int64_t duration_ns(const OpInfo& op) const override {
    if (op.kind == OpKind::barrier) return 0;
    return is_communication(op.kind) ? comm_ns_ : static_cast<std::int64_t>(op.flops);
  }

 private:
  std::int64_t comm_ns_;
};

void work(RankContext& ctx, const Tensor& x, double ns) {
  OpInfo op = {.name = "work", .flops = ns};
  op.operands = {x.write()};
  ctx.compute.submit(std::move(op), [] {});
}

// Three ranks, rank r slower by r/10. Forward waits for each all_reduce, backward hides it under
// the weight gradient, which is shorter than it on some layers.
Trace layers(std::int64_t comm_ns, bool overlaps) {
  const RankProgram program = [=](RankContext& ctx) {
    Tensor x(ctx.device, {64}, DType::f32), dw(ctx.device, {64}, DType::f32);
    const double slow = 1 + 0.1 * ctx.rank;
    ctx.begin_window();
    for (int layer = 0; layer < 4; ++layer) {
      work(ctx, x, 1000 * slow);
      ctx.comm.wait(ctx.compute.record());
      ctx.tp.all_reduce(x, ctx.comm);
      if (overlaps) work(ctx, dw, 500.0 * (layer + 1) * slow);
      ctx.compute.wait(ctx.comm.record());
    }
    work(ctx, x, 100);
    ctx.end_window();
  };
  return run_modelled({.grid = {.tp = 3}}, FixedCosts(comm_ns), program).trace;
}

}  // namespace

TEST_CASE("with factor 1 every trace is what it was") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    INFO(seed);
    CHECK(is_unchanged(random_trace(seed)));
  }
  CHECK(is_unchanged(mlp_trace(true)));
  CHECK(is_unchanged(mlp_trace(false)));
  CHECK(is_unchanged(layers(1500, true)));
  CHECK(is_unchanged(Trace{.wall_ns = 7}));
}

TEST_CASE("a schedule with other costs ends when the simulator says") {
  const Costs costs = {.F = 2, .I = 3, .W = 2, .C = 0.5};
  struct Case {
    Costs costs;
    double forward, backward, input, weight;
  };
  const Case cases[] = {{{2, 3, 2, 0.5}, 1, 1, 1, 1},
                        {{1, 3, 2, 0.5}, 0.5, 1, 1, 1},
                        {{2, 6, 4, 0.5}, 1, 2, 2, 2},
                        {{2, 0, 0, 0.5}, 1, 0, 0, 0},
                        {{4, 1.5, 1, 0.5}, 2, 0.5, 0.5, 0.5}};
  int schedules = 0;
  for (const std::string& name : schedule_names())
    for (const int ranks : {2, 4})
      for (const int microbatches : {4, 8, 12}) {
        Schedule schedule;
        try {
          schedule = one_by_one(build_schedule(name, ranks, microbatches, default_chunks(name)));
        } catch (const Error&) {
          continue;  // no such schedule
        }
        ++schedules;
        const Trace trace = trace_of(schedule, simulate(schedule, costs), costs);
        const WhatIf what_if(trace);
        for (const Case& c : cases) {
          const WallBounds wall = what_if.wall_if([&](const Span& s) {
            return s.tags.phase == Phase::forward          ? c.forward
                   : s.tags.phase == Phase::backward       ? c.backward
                   : s.tags.phase == Phase::backward_input ? c.input
                                                           : c.weight;
          });
          INFO(name << " p=" << ranks << " m=" << microbatches << " F " << c.costs.F);
          CHECK(static_cast<double>(wall.least_ns) ==
                Approx(simulate(schedule, c.costs).makespan * kUnitOfCost_ns).epsilon(1e-7));
          CHECK(wall.least_ns == wall.most_ns);
        }
      }
  CHECK(schedules > 40);
}

TEST_CASE("free communication: the slowest rank's compute is left") {
  const Trace trace = mlp_trace(true);  // every rank waits for rank 3, 7.5 % slower, all the time
  const WallBounds wall = WhatIf(trace).wall_if(communication_free);
  const std::int64_t compute_ns = 4 * (20'000 + 20'000 + 40'000 + 40'000) + 15'000;
  CHECK(wall.least_ns == compute_ns * 43 / 40);
  CHECK(wall.most_ns == wall.least_ns);
}

TEST_CASE("free communication is a run on a machine with free links") {
  for (const bool overlaps : {false, true})
    for (const std::int64_t comm_ns : {300, 1500, 5000}) {
      INFO(overlaps << " " << comm_ns);
      const Trace trace = layers(comm_ns, overlaps);
      const WallBounds wall = WhatIf(trace).wall_if(communication_free);
      CHECK(wall.least_ns == layers(0, overlaps).wall_ns);
      CHECK(wall.most_ns == wall.least_ns);
    }
}

TEST_CASE("where the trace leaves open what waited for what, the truth lies between the bounds") {
  const auto slower = [](const Span& s) { return is_communication(s.kind) ? 4.0 : 1.0; };
  const Trace trace = layers(300, true);  // hidden: the waits for it left no sign
  const WallBounds wall = WhatIf(trace).wall_if(slower);
  const std::int64_t truth_ns = layers(1200, true).wall_ns;
  CHECK(wall.least_ns <= truth_ns);
  CHECK(wall.most_ns >= truth_ns);
  CHECK(wall.least_ns < wall.most_ns);
}

TEST_CASE("an exchange waits for its other side, also when that side becomes slow") {
  // Rank 0 sends to rank 1 at 100; rank 1 has waited since 40. Then each works 10.
  Trace trace{.wall_ns = 120,
              .names = {"gemm", "exchange"},
              .groups = {{.id = 0, .axis = "pp", .ranks = {0, 1}}}};
  trace.lanes = {{0, 0, "compute"}, {1, 0, "compute"}};
  const auto compute = [&](int lane, std::int64_t begin_ns, std::int64_t end_ns) {
    trace.spans.push_back(
        {.lane = lane, .posted_ns = begin_ns, .ready_ns = begin_ns, .end_ns = end_ns});
  };
  const auto exchange = [&](int lane, std::int64_t posted_ns, int waits_for) {
    trace.spans.push_back({.lane = lane,
                           .name = 1,
                           .group = 0,
                           .kind = OpKind::exchange,
                           .posted_ns = posted_ns,
                           .ready_ns = 100,
                           .end_ns = 110,
                           .waits_for = waits_for});
  };
  compute(0, 0, 100);
  exchange(0, 100, -1);
  compute(0, 110, 120);
  compute(1, 0, 40);
  exchange(1, 40, 0);
  compute(1, 110, 120);
  const auto times = [&](double rank_0, double rank_1) {
    const WallBounds wall = WhatIf(trace).wall_if([&](const Span& s) {
      return is_communication(s.kind) ? 1.0 : s.lane == 0 ? rank_0 : rank_1;
    });
    CHECK(wall.least_ns == wall.most_ns);
    return wall.least_ns;
  };
  CHECK(times(1, 1) == 120);
  CHECK(times(0, 1) == 40 + 10 + 10);
  CHECK(times(1, 5) == 200 + 10 + 50);
  CHECK(times(1, 0) == 100 + 10 + 10);
}

TEST_CASE("the table lists what there is, each once, the largest gain first") {
  const Trace trace = mlp_trace(true);
  const std::vector<WhatIfRow> rows = what_if_free(trace);
  std::vector<std::string> names;
  for (const WhatIfRow& row : rows) names.push_back(row.what);
  const auto has = [&](const std::string& name) {
    return std::count(names.begin(), names.end(), name) == 1;
  };
  CHECK(has("all communication"));
  CHECK(has("all_reduce of tp"));
  CHECK(has("all_gather of tp"));
  CHECK(has("weight gradient"));
  CHECK(has("compute of rank 3"));
  CHECK(!has("mlp.dw"));  // the same operations as "weight gradient"
  for (std::size_t i = 1; i < rows.size(); ++i)
    CHECK(rows[i - 1].wall.most_ns <= rows[i].wall.most_ns);
  // Rank 2 is then the slowest, by 1/40 less.
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [](const WhatIfRow& r) { return r.what == "compute of rank 3"; });
  CHECK(trace.wall_ns - row->wall.most_ns == 495'000 / 40);
  const std::string words = to_text(rows, trace);
  CHECK(words.find("all communication") != std::string::npos);
  for (std::size_t begin = 0, end; (end = words.find('\n', begin)) != std::string::npos;
       begin = end + 1)
    CHECK(end - begin <= 100);
  CHECK(to_json(rows, trace).at("if_free").elements().size() == rows.size());
}

}  // namespace shardpipe
