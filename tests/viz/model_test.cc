// What the viewer makes of a trace: rows, lanes, states, steps, partners.
#include <algorithm>
#include <set>

#include "tests/support/catch.h"
#include "tests/trace/made_up.h"
#include "viz/model/timeline_model.h"

namespace shardpipe::viz {
namespace {

std::int64_t total(const Row& row, Category category) {
  std::int64_t ns = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (row[i].category == category) ns += row.length_ns(i);
  return ns;
}

}  // namespace

TEST_CASE("overlapping spans go to further rows, and none is dropped") {
  const std::vector<Row> rows = rows_of({{0, 10, Category::forward, 0},
                                         {5, 15, Category::forward, 1},
                                         {10, 20, Category::forward, 2},
                                         {12, 13, Category::forward, 3},
                                         {20, 20, Category::forward, 4}});
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].size() == 3);  // 0, 2, 4
  CHECK(rows[1].size() == 1);
  CHECK(rows[2].size() == 1);
  CHECK(rows_of({}).size() == 1);
}

TEST_CASE("a stretch is found by its time") {
  Row row;
  row.add({10, 20, Category::forward, 0});
  row.add({20, 30, Category::backward, 1});
  row.add({40, 50, Category::forward, 2});
  CHECK(row.at(9.9) == row.size());
  CHECK(row.at(10) == 0);
  CHECK(row.at(19.9) == 0);
  CHECK(row.at(20) == 1);
  CHECK(row.at(35) == row.size());
  CHECK(row.at(49) == 2);
  CHECK(row.at(50) == row.size());
  CHECK(row.inks() == std::vector<Category>{Category::forward, Category::backward});
  CHECK_THROWS(row.add({45, 60, Category::forward, 3}));
}

TEST_CASE("every span of a trace is in exactly one row of its lane") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Trace trace = random_trace(seed);
    const TimelineModel model(trace);
    std::multiset<std::int32_t> shown;
    for (const RankGroup& group : model.ranks())
      for (const DrawnLane& lane : group.lanes)
        for (const DrawnRow& drawn : lane.rows)
          for (std::size_t i = 0; i < drawn.row.size(); ++i) {
            const Stretch s = drawn.row[i];
            if (s.category == Category::wait) continue;
            shown.insert(s.span);
            CHECK(model.span(s.span).lane == lane.lane);
            CHECK(s.begin_ns == model.span(s.span).ready_ns);
            CHECK(s.end_ns == model.span(s.span).end_ns);
          }
    REQUIRE(shown.size() == trace.spans.size());
    CHECK(std::set<std::int32_t>(shown.begin(), shown.end()).size() == shown.size());
  }
}

TEST_CASE("the state row of a rank has the figures of trace stats") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const TimelineModel model(random_trace(seed));
    for (const RankGroup& group : model.ranks()) {
      const RankTime& time = model.stats().ranks[static_cast<std::size_t>(group.rank)];
      const Row& row = group.state.row;
      CHECK(total(row, Category::forward) + total(row, Category::backward) +
                total(row, Category::backward_input) + total(row, Category::backward_weight) +
                total(row, Category::other) ==
            time.compute_ns);
      CHECK(total(row, Category::exposed) == time.exposed_comm_ns);
      CHECK(total(row, Category::wait) + total(row, Category::idle) == time.idle_ns);
    }
  }
}

TEST_CASE("partners are the same collective on the other ranks") {
  const Trace trace = mlp_trace(true);
  const auto first = std::find_if(trace.spans.begin(), trace.spans.end(),
                                  [](const Span& s) { return s.kind == OpKind::all_reduce; });
  REQUIRE(first != trace.spans.end());
  const auto partners = partners_of(trace, static_cast<std::int32_t>(first - trace.spans.begin()));
  REQUIRE(partners.size() == 3);
  for (const std::int32_t i : partners) {
    const Span& s = trace.spans[static_cast<std::size_t>(i)];
    CHECK(s.sequence == first->sequence);
    CHECK(s.kind == OpKind::all_reduce);
    CHECK(s.lane != first->lane);
  }
  CHECK(partners_of(trace, 0).empty() == !is_communication(trace.spans[0].kind));
}

TEST_CASE("an empty trace is an empty picture") {
  const TimelineModel model(Trace{});
  CHECK(model.ranks().empty());
  CHECK(model.end_ns() == 0);
}

}  // namespace shardpipe::viz
