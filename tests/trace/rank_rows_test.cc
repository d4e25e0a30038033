// Ranks that do the same are one row, and their pictures and tables stay aligned.
#include "core/trace/rank_rows.h"

#include <numeric>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "core/trace/longest_gaps.h"
#include "core/trace/schedule_trace.h"
#include "core/trace/stats.h"
#include "core/trace/terminal_timeline.h"
#include "tests/support/catch.h"
#include "tests/support/lines.h"
#include "tests/support/usage_error.h"
#include "tests/trace/made_up.h"

namespace shardpipe {
namespace {

// A schedule as each of `copies` ranks beside each other does it: rank r does what r / copies does.
Trace copied(const Schedule& schedule, const Costs& costs, int copies) {
  const Trace one = trace_of(schedule, simulate(schedule, costs), costs);
  Trace trace = one;
  trace.lanes.clear();
  trace.spans.clear();
  for (const Lane& lane : one.lanes)
    for (int copy = 0; copy < copies; ++copy) {
      Lane next = lane;
      next.rank = lane.rank * copies + copy;
      trace.lanes.push_back(next);
      for (Span span : one.spans) {
        if (one.lanes[static_cast<std::size_t>(span.lane)].rank != lane.rank) continue;
        span.lane = static_cast<std::int32_t>(trace.lanes.size()) - 1;
        trace.spans.push_back(span);
      }
    }
  return trace;
}

Trace pipeline(int stages, int copies) {
  return copied(build_schedule("1f1b", stages, 8, 1), {1, 1, 1, 0.25}, copies);
}

RankRow range(int first, int last) {
  RankRow ranks(static_cast<std::size_t>(last - first + 1));
  std::iota(ranks.begin(), ranks.end(), first);
  return ranks;
}

}  // namespace

TEST_CASE("ranks of a stage that do the same are one row; one that differs by 1 ns is not in it") {
  Trace trace = pipeline(4, 8);
  CHECK(alike_ranks(trace) ==
        std::vector<RankRow>{range(0, 7), range(8, 15), range(16, 23), range(24, 31)});
  for (Span& span : trace.spans)
    if (trace.lanes[static_cast<std::size_t>(span.lane)].rank == 11 && span.tags.microbatch == 7)
      span.end_ns += 1;
  const std::vector<RankRow> rows = alike_ranks(trace);
  REQUIRE(rows.size() == 5);
  CHECK(list_of(rows[1]) == "8-10,12-15");
  CHECK(rows[2] == RankRow{11});
}

TEST_CASE("a rank's lanes need not lie side by side") {
  Trace trace{.wall_ns = 20, .names = {"k"}};
  for (const int stream : {0, 1})
    for (const int rank : {0, 1, 2}) {
      trace.lanes.push_back({rank, stream, stream == 0 ? "compute" : "more"});
      const std::int64_t end_ns = 10 + 5 * stream + (rank == 2 ? 1 : 0);
      trace.spans.push_back({.lane = static_cast<std::int32_t>(trace.lanes.size()) - 1,
                             .ready_ns = 0,
                             .end_ns = end_ns});
    }
  CHECK(alike_ranks(trace) == std::vector<RankRow>{{0, 1}, {2}});
}

TEST_CASE("no two ranks of a trace drawn by chance are alike, and names, bytes and groups count") {
  CHECK(alike_ranks(random_trace(1)).size() == 3);
  Trace trace = pipeline(2, 2);
  REQUIRE(alike_ranks(trace).size() == 2);
  trace.names.push_back("another");
  trace.spans[0].name = static_cast<std::int32_t>(trace.names.size()) - 1;
  CHECK(alike_ranks(trace).size() == 3);
  CHECK(alike_ranks(Trace{}).empty());
}

TEST_CASE("names of rows") {
  CHECK(label_of({3}) == "rank 3");
  CHECK(label_of(range(0, 7)) == "ranks 0-7 (8)");
  CHECK(label_of({0, 1}) == "ranks 0,1 (2)");
  CHECK(label_of(range(1920, 2047)) == "ranks 1920-2047 (128)");
  CHECK(label_of({0, 2, 4, 6, 8, 10, 12}) == "ranks 0,2,4,6,8,.. (7)");
  CHECK(list_of({0, 1, 2, 5, 6}) == "0-2,5,6");
}

TEST_CASE("24 rows and a sentence by default; --ranks shows any") {
  const Trace trace = pipeline(30, 2);
  const RankRows rows = rank_rows(trace);
  CHECK(rows.rows.size() == 24);
  CHECK(left_out_line(rows) == "and 12 ranks more: --ranks 48-59\n");
  const RankRows others = rank_rows(trace, "48-59");
  CHECK(others.rows.size() == 6);
  CHECK(left_out_line(others).empty());
  CHECK(rank_rows(trace, "0-59").rows.size() == 30);
  CHECK(rank_rows(trace, "1,0,5").rows == std::vector<RankRow>{{0, 1}, {5}});
}

TEST_CASE("a list of ranks that is none is refused in one sentence") {
  CHECK(ranks_in_list("5,0-2,1", 8) == std::vector<int>{0, 1, 2, 5});
  for (const char* list : {"", ",", "0,", "8", "0-8", "3-1", "-1", "1-", "a", "0 1", "0x1", "1.5",
                           "99999999999999999999", "0--1", "\x1b[2J"}) {
    INFO(list);
    const std::string said = usage_message([&] { ranks_in_list(list, 8); });
    CHECK(said.find("--ranks ") == 0);
    CHECK(said.find("must be ranks from 0 to 7, such as 0-3,12") != std::string::npos);
    CHECK(said.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("the rows of a picture begin and end in the same columns, whatever their names are") {
  const std::vector<std::string> lines =
      lines_of(draw_timeline(pipeline(16, 128), {.unicode = false}));
  std::size_t rows = 0;
  for (const std::string& line : lines) {
    INFO(line);
    CHECK(line.size() <= 100);
    if (line.find(" compute ") == std::string::npos || line.back() != '%') continue;
    CHECK(line.find("  compute ") == lines[2].find("  compute "));
    CHECK(line.size() == 100);
    ++rows;
  }
  CHECK(rows == 16);
  CHECK(lines.size() < 16 * 2 + 6);
}

TEST_CASE("a split backward has letters of its own, and a later stage of a rank is darker") {
  const std::string split =
      draw_timeline(copied(build_schedule("zb_h1", 2, 4, 1), {1, 1, 1, 0}, 1), {.unicode = false});
  for (const char* words : {"I input gradient", "W weight gradient", "FFF", "III", "WWW"})
    CHECK(split.find(words) != std::string::npos);
  CHECK(split.find("BB") == std::string::npos);
  const Trace chunked = copied(build_schedule("interleaved_1f1b", 2, 4, 2), {1, 1, 1, 0}, 1);
  const std::string plain = draw_timeline(chunked, {.unicode = false});
  CHECK(plain.find("stages 0,2") != std::string::npos);
  CHECK(plain.find("stages 1,3") != std::string::npos);
  CHECK(plain.find("darker") == std::string::npos);  // nothing can be
  const std::string colour = draw_timeline(chunked, {.colour = true});
  for (const char* forward :
       {"\x1b[38;5;75m", "\x1b[38;5;26m"})  // of the first stage, of the second
    CHECK(colour.find(forward) != std::string::npos);
  CHECK(colour.find("darker: a later stage of the rank") != std::string::npos);
}

TEST_CASE("waiting for ranks that do the same is one cause") {
  const Trace trace = pipeline(2, 4);
  Trace waits = trace;
  for (Span& span : waits.spans) {
    const int rank = waits.lanes[static_cast<std::size_t>(span.lane)].rank;
    if (rank >= 4 || span.tags.phase != Phase::backward) continue;
    span.kind = OpKind::exchange;
    span.ready_ns = span.end_ns;  // all of it waiting, for its like of the other stage
    span.waits_for = rank + 4;
  }
  const std::string words = to_text(statistics(waits), waits);
  CHECK(words.find("waits for ranks 4-7 (4)") != std::string::npos);
  CHECK(words.find("waits for rank 5") == std::string::npos);
}

TEST_CASE("the longest gaps are those of different ranks") {
  const std::vector<GapReason> reasons = explain_gaps(pipeline(4, 2), 5);
  REQUIRE(reasons.size() == 5);
  CHECK(reasons[0].alike.size() == 2);
  for (std::size_t i = 1; i < reasons.size(); ++i) {
    const GapReason &a = reasons[i - 1], &b = reasons[i];
    CHECK((a.begin_ns != b.begin_ns || a.end_ns != b.end_ns || a.rank / 2 != b.rank / 2));
  }
  CHECK(reasons[0].heading().find("are idle") != std::string::npos);
}

}  // namespace shardpipe
