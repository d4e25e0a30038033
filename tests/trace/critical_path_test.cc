#include "core/trace/critical_path.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/trace/made_up.h"

namespace shardpipe {
namespace {

std::vector<std::string> steps(const std::vector<PathStep>& path) {
  std::vector<std::string> list;
  for (const PathStep& step : path) list.push_back(std::to_string(step.rank) + " " + step.name);
  return list;
}

// Three ranks, streams compute and comm; names a..f.
Trace small_trace() {
  Trace trace{.wall_ns = 100,
              .names = {"a", "b", "c", "d", "reduce", "f"},
              .groups = {{.id = 0, .axis = "tp", .ranks = {0, 1, 2}}}};
  for (std::int32_t rank = 0; rank < 3; ++rank)
    for (std::int32_t stream = 0; stream < 2; ++stream) trace.lanes.push_back({rank, stream, ""});
  return trace;
}

Span compute(int lane, int name, std::int64_t begin_ns, std::int64_t end_ns) {
  return {
      .lane = lane, .name = name, .posted_ns = begin_ns, .ready_ns = begin_ns, .end_ns = end_ns};
}

Span reduce(int lane, std::int64_t posted_ns, int waits_for) {
  return {.lane = lane,
          .name = 4,
          .group = 0,
          .kind = OpKind::all_reduce,
          .sequence = 0,
          .posted_ns = posted_ns,
          .ready_ns = 50,
          .end_ns = 60,
          .waits_for = waits_for};
}

}  // namespace

TEST_CASE("the path jumps to the rank that came last and follows its streams") {
  Trace trace = small_trace();
  trace.spans = {compute(0, 0, 0, 20),  compute(0, 5, 60, 90), reduce(1, 20, 2),
                 compute(2, 1, 0, 45),  reduce(3, 45, 2),      compute(4, 2, 0, 30),
                 compute(4, 3, 30, 50), reduce(5, 50, -1)};
  const std::vector<PathStep> path = critical_path(trace);
  CHECK(steps(path) == std::vector<std::string>{"2 c", "2 d", "0 reduce", "0 f"});
  CHECK(path[2].begin_ns == 50);
  CHECK(path[2].end_ns == 60);
  CHECK(path[3].span == 1);
}

TEST_CASE("the path stays on its rank where nobody was waited for, gaps allowed") {
  Trace trace = small_trace();
  trace.spans = {compute(0, 0, 3, 20), compute(0, 1, 25, 40), compute(0, 2, 41, 80),
                 compute(1, 3, 0, 24), compute(2, 5, 0, 79)};
  CHECK(steps(critical_path(trace)) == std::vector<std::string>{"0 d", "0 b", "0 c"});
}

TEST_CASE("of spans that ended together the one of the same stream leads on") {
  Trace trace = small_trace();
  trace.spans = {compute(0, 0, 0, 30), compute(1, 1, 0, 30), compute(1, 2, 30, 60)};
  CHECK(steps(critical_path(trace)) == std::vector<std::string>{"0 b", "0 c"});
}

TEST_CASE("spans of no length neither trap the walk nor appear twice") {
  Trace trace = small_trace();
  for (int i = 0; i < 5; ++i) trace.spans.push_back(compute(0, 0, 10, 10));
  trace.spans.push_back(compute(0, 1, 10, 20));
  const std::vector<PathStep> path = critical_path(trace);
  CHECK(path.size() == 6);
  CHECK(path.back().name == "b");
}

TEST_CASE("on any trace the path goes forward, ends with the last end and has no overlap") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    const Trace trace = random_trace(seed);
    const std::vector<PathStep> path = critical_path(trace);
    std::int64_t last_end = 0;
    for (const Span& span : trace.spans) last_end = std::max(last_end, span.end_ns);
    REQUIRE_FALSE(path.empty());
    CHECK(path.back().end_ns == last_end);
    for (std::size_t i = 1; i < path.size(); ++i) CHECK(path[i - 1].end_ns <= path[i].begin_ns);
  }
}

TEST_CASE("overlap takes the backward all_reduce off the critical path") {
  const auto reduces = [](const Trace& trace) {
    const std::vector<PathStep> path = critical_path(trace);
    return std::count_if(path.begin(), path.end(), [&](const PathStep& step) {
      const Span& span = trace.spans[static_cast<std::size_t>(step.span)];
      return step.name == "reduce" && span.tags.phase == Phase::backward_input;
    });
  };
  CHECK(reduces(mlp_trace(true)) == 4);
  CHECK(reduces(mlp_trace(false)) == 0);
}

}  // namespace shardpipe
