// What a trace that is large in one way may cost: counted in what is kept for each span.
#include "core/trace/limits.h"

#include <algorithm>
#include <functional>

#include "core/base/error.h"
#include "core/trace/critical_path.h"
#include "core/trace/dependencies.h"
#include "core/trace/metadata.h"
#include "core/trace/read.h"
#include "core/trace/stats.h"
#include "core/trace/what_if.h"
#include "tests/support/catch.h"
#include "tests/support/refuses.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

// One span on each of `lanes` streams, all of one rank or each of its own.
Trace one_span_a_lane(std::int32_t lanes, bool one_rank, const Span& like) {
  Trace trace{.wall_ns = 100, .names = {"k"}, .groups = {{.id = 0, .axis = "g"}}};
  for (std::int32_t lane = 0; lane < lanes; ++lane) {
    trace.lanes.push_back({one_rank ? 0 : lane, one_rank ? lane : 0, "compute"});
    trace.spans.push_back(like);
    trace.spans.back().lane = lane;
  }
  return trace;
}

std::size_t count_causes(const Dependencies& d) {
  std::size_t causes = 0;
  for (std::size_t i = 0; i < d.trace().spans.size(); ++i)
    causes += d.causes(static_cast<std::int32_t>(i)).size();
  return causes;
}

std::size_t count_partners(const Dependencies& d) {
  std::size_t partners = 0;
  for (std::size_t i = 0; i < d.trace().spans.size(); ++i)
    partners += d.partners(static_cast<std::int32_t>(i)).size();
  return partners;
}

}  // namespace

TEST_CASE("streams of a rank: each span has at most 64 causes, and those that ended last") {
  for (const std::int32_t lanes : {64, 2000}) {
    Trace trace = one_span_a_lane(lanes, true, {});
    for (std::int32_t i = 0; i < lanes; ++i) {
      Span& s = trace.spans[static_cast<std::size_t>(i)];
      s.posted_ns = s.ready_ns = 10 * i;
      s.end_ns = 10 * i + 10;
    }
    const Dependencies d(trace);
    INFO(lanes);
    CHECK(count_causes(d) <= 64 * trace.spans.size());
    const auto causes = d.causes(lanes - 1);
    CHECK(causes.size() == 63);
    const auto last = std::find_if(causes.begin(), causes.end(),
                                   [&](const Cause& c) { return c.span == lanes - 2; });
    REQUIRE(last != causes.end());
    CHECK(last->what == Cause::What::one_of_these);
  }
}

TEST_CASE("a meeting of very many: the last to come are its partners, the last of all among them") {
  const Span like{.group = 0,
                  .kind = OpKind::all_reduce,
                  .sequence = 1,
                  .posted_ns = 0,
                  .ready_ns = 50,
                  .end_ns = 60};
  for (const std::int32_t ranks : {512, 5000}) {
    Trace trace = one_span_a_lane(ranks, false, like);
    trace.spans[3].posted_ns = 50;
    const Dependencies d(trace);
    INFO(ranks);
    CHECK(count_partners(d) <= 512 * trace.spans.size());
    const auto partners = d.partners(ranks - 1);
    CHECK(std::find(partners.begin(), partners.end(), 3) != partners.end());
    CHECK(partners.size() >= 511);
  }
}

TEST_CASE("spans of no length at one moment: each is on the path once, own stream first") {
  constexpr std::int32_t kSpans = 100'000;
  Trace trace{.wall_ns = 10, .names = {"k"}};
  for (std::int32_t lane = 0; lane < 2; ++lane) {
    trace.lanes.push_back({0, lane, "compute"});
    for (std::int32_t i = 0; i < kSpans / 2; ++i)
      trace.spans.push_back({.lane = lane, .posted_ns = 5, .ready_ns = 5, .end_ns = 5});
  }
  const std::vector<PathStep> path = critical_path(trace);
  REQUIRE(path.size() == kSpans);
  std::vector<bool> seen(kSpans);
  for (const PathStep& step : path) seen[static_cast<std::size_t>(step.span)] = true;
  CHECK(std::all_of(seen.begin(), seen.end(), [](bool is) { return is; }));
  // From the back: the first stream's from its last to its first, then the lowest of the other.
  CHECK(path[kSpans - 1].span == kSpans / 2 - 1);
  CHECK(path[kSpans / 2].span == 0);
  CHECK(path[kSpans / 2 - 1].span == kSpans / 2);
  CHECK(path[0].span == kSpans / 2 + 1);
}

TEST_CASE("what if: of 1,000 groups those that are busy longest have rows") {
  Trace trace{.wall_ns = 2'000'000, .names = {"k"}, .lanes = {{0, 0, "comm"}}};
  for (std::int32_t g = 0; g < 1000; ++g) {
    trace.groups.push_back({.id = g, .axis = text("g", g)});
    const std::int64_t begin_ns = 1000 * g;
    trace.spans.push_back({.group = g,
                           .kind = OpKind::all_reduce,
                           .posted_ns = begin_ns,
                           .ready_ns = begin_ns,
                           .end_ns = begin_ns + g + 1});
  }
  const std::vector<WhatIfRow> rows = what_if_free(trace);
  CHECK(rows.size() < 40);
  const auto has = [&](const std::string& what) {
    return std::any_of(rows.begin(), rows.end(),
                       [&](const WhatIfRow& row) { return row.what == what; });
  };
  CHECK(has("all_reduce of g999"));
  CHECK(has("all_reduce of g976"));
  CHECK(!has("all_reduce of g975"));
}

TEST_CASE("words of another program are cut, whole characters stay") {
  CHECK(shortened("abcdefgh", 8) == "abcdefgh");
  CHECK(shortened("abcdefghi", 8) == "abcde...");
  CHECK(shortened("abcd\xc3\xa9xyzxyz", 8) == "abcd...");
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "long.json",
      R"({"traceEvents": [{"ph": "X", "pid": 0, "tid": 0, "ts": 1, "dur": 2, "name": ")" +
          std::string(100'000, 'x') + "\"}]}");
  const Trace trace = read_trace({file}).trace;
  CHECK(trace.names[0].size() == kMostName);
  CHECK(trace.names[0].ends_with("x..."));
}

TEST_CASE("times that cannot be added are refused, with what they are") {
  Trace trace{.wall_ns = std::int64_t{1} << 60, .names = {"k"}, .lanes = {{0, 0, "a"}}};
  refuse_what_cannot_be_added(trace, "t.json");
  trace.lanes.push_back({7, 0, "a"});
  CHECK(lacks(usage_message([&] { refuse_what_cannot_be_added(trace, "t.json"); }),
              {"t.json: 8 ranks", "cannot be added"}) == "");
  trace.lanes.pop_back();
  for (int i = 0; i < 5; ++i) trace.spans.push_back({.end_ns = std::int64_t{1} << 60});
  CHECK(lacks(usage_message([&] { refuse_what_cannot_be_added(trace, "t.json"); }),
              {"t.json: its operations last", "at most 4e+18"}) == "");
}

TEST_CASE("metadata on a bound are taken, one step beyond it they are not") {
  const auto refused = [](const char* words, const std::function<void(Trace&)>& change) {
    Trace trace{.wall_ns = 100, .lanes = {{0, 0, "a"}}};
    change(trace);
    return refuses(words, [&] { trace_of_metadata(metadata_of(trace), "t.json"); });
  };
  const std::int64_t most_ns = std::int64_t{1} << 62;
  CHECK(!refused("", [&](Trace& t) { t.wall_ns = 0; }));
  CHECK(!refused("", [&](Trace& t) { t.wall_ns = most_ns; }));
  CHECK(refused("wall_ns is -1", [&](Trace& t) { t.wall_ns = -1; }));
  CHECK(refused("wall_ns is ", [&](Trace& t) { t.wall_ns = most_ns + 1; }));
  CHECK(!refused("", [](Trace& t) { t.lanes[0].stream = 9999; }));
  CHECK(refused("streams 0..9999", [](Trace& t) { t.lanes[0].stream = 10'000; }));
  CHECK(refused("streams 0..9999", [](Trace& t) { t.lanes[0].stream = -1; }));
  CHECK(refused("ranks are 0..999999", [](Trace& t) { t.lanes[0].rank = -1; }));
  CHECK(refused("ranks are 0..999999", [](Trace& t) { t.lanes[0].rank = 1'000'000; }));
  CHECK(refused("1000000 ranks, but only 1 lanes", [](Trace& t) { t.lanes[0].rank = 999'999; }));
  CHECK(!refused("", [](Trace& t) { t.lanes.push_back({1, 0, "a"}); }));
  CHECK(refused("3 ranks, but only 2 lanes", [](Trace& t) { t.lanes.push_back({2, 0, "a"}); }));
  CHECK(refused("not ordered by rank", [](Trace& t) { t.lanes = {{1, 0, "a"}, {0, 0, "a"}}; }));
  const std::string longest(kMostName, 'x');
  CHECK(!refused("", [&](Trace& t) { t.names = t.shapes = {longest}; }));
  CHECK(!refused("", [&](Trace& t) { t.lanes[0].name = longest; }));
  CHECK(!refused("", [&](Trace& t) { t.groups = {{.id = INT32_MAX, .axis = longest}}; }));
  CHECK(refused("a name of", [&](Trace& t) { t.names = {longest + "x"}; }));
  CHECK(refused("a name of", [&](Trace& t) { t.shapes = {longest + "x"}; }));
  CHECK(refused("a name of", [&](Trace& t) { t.lanes[0].name = longest + "x"; }));
  CHECK(refused("a name of", [&](Trace& t) { t.groups = {{.id = 0, .axis = longest + "x"}}; }));
}

TEST_CASE("times that can just be added") {
  constexpr std::int64_t kMostNs = 4'000'000'000'000'000'000;
  const auto refused = [](std::int64_t wall_ns, std::int64_t span_ns) {
    Trace trace{.wall_ns = wall_ns, .names = {"k"}, .lanes = {{0, 0, "a"}, {1, 0, "a"}}};
    trace.spans.assign(2, {.end_ns = span_ns});
    return refuses("cannot be added", [&] { refuse_what_cannot_be_added(trace, "t.json"); });
  };
  const std::int64_t step = 1024;  // a double's, at this size
  CHECK(!refused(kMostNs / 2, kMostNs / 2));
  CHECK(refused(kMostNs / 2 + step, 0));
  CHECK(refused(0, kMostNs / 2 + step));
}

}  // namespace shardpipe
