#include "core/trace/gap.h"

#include <sstream>

#include "core/trace/longest_gaps.h"
#include "core/trace/units.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// Four ranks, a compute and a comm lane each. tp pairs (0,1) and (2,3); pp carries activations.
//   rank 3 computes a gemm until 100; rank 2's all_reduce waits for it, ends at 120
//   rank 0's exchange waits from 20 for rank 2, which comes at 120; rank 0 computes from 130
Trace chain_trace() {
  Trace trace{.wall_ns = 200,
              .names = {"gemm", "all_reduce", "exchange"},
              .groups = {{.id = 0, .axis = "tp", .ranks = {2, 3}},
                         {.id = 1, .axis = "pp", .ranks = {0, 2}}}};
  for (std::int32_t rank = 0; rank < 4; ++rank)
    for (std::int32_t stream = 0; stream < 2; ++stream)
      trace.lanes.push_back({rank, stream, stream == 0 ? "compute" : "comm"});
  const auto compute = [&](int rank, std::int64_t begin, std::int64_t end) {
    trace.spans.push_back(
        {.lane = 2 * rank, .name = 0, .posted_ns = begin, .ready_ns = begin, .end_ns = end});
  };
  compute(0, 0, 20);
  compute(0, 130, 150);
  trace.spans.push_back({.lane = 1,
                         .name = 2,
                         .group = 1,
                         .kind = OpKind::exchange,
                         .tags = {.microbatch = 5},
                         .posted_ns = 20,
                         .ready_ns = 120,
                         .end_ns = 130,
                         .waits_for = 2});
  compute(2, 0, 50);
  trace.spans.push_back({.lane = 5,
                         .name = 1,
                         .group = 0,
                         .kind = OpKind::all_reduce,
                         .sequence = 14,
                         .posted_ns = 50,
                         .ready_ns = 100,
                         .end_ns = 120,
                         .waits_for = 3});
  trace.spans.push_back({.lane = 5,
                         .name = 2,
                         .group = 1,
                         .kind = OpKind::exchange,
                         .tags = {.microbatch = 5},
                         .posted_ns = 120,
                         .ready_ns = 120,
                         .end_ns = 130});
  compute(3, 0, 100);
  trace.spans.push_back({.lane = 7,
                         .name = 1,
                         .group = 0,
                         .kind = OpKind::all_reduce,
                         .sequence = 14,
                         .posted_ns = 100,
                         .ready_ns = 100,
                         .end_ns = 120});
  return trace;
}

// The cells of a two-stage pipeline without spans for messages: 1F0 begins when 0F0 has ended.
Trace cells_trace() {
  Trace trace{.wall_ns = 60, .names = {"0F0", "1F0", "1B0", "0B0"}};
  trace.lanes = {{0, 0, "compute"}, {1, 0, "compute"}};
  const auto cell = [&](int rank, int name, Phase phase, std::int64_t begin, std::int64_t end) {
    trace.spans.push_back({.lane = rank,
                           .name = name,
                           .tags = {.stage = rank, .microbatch = 0, .phase = phase},
                           .posted_ns = begin,
                           .ready_ns = begin,
                           .end_ns = end});
  };
  cell(0, 0, Phase::forward, 0, 10);
  cell(0, 3, Phase::backward, 40, 60);
  cell(1, 1, Phase::forward, 10, 20);
  cell(1, 2, Phase::backward, 20, 40);
  return trace;
}

}  // namespace

TEST_CASE("a gap is explained through the ranks that wait for each other") {
  const GapReason reason = why_gap(chain_trace(), 0, 20, 120);
  CHECK(reason.sentence() ==
        "rank 0 is idle 100 ns: exchange of pp[0,2] (micro-batch 5) waits for rank 2, which was in "
        "all_reduce #14 of tp[2,3], which waited for rank 3, which computed gemm until 100 ns");
  REQUIRE(reason.chain.size() == 3);
  CHECK(reason.chain[0].rank == 0);
  CHECK(reason.chain[1].rank == 2);
  CHECK(reason.chain[2].rank == 3);
  CHECK(reason.chain[2].span == 6);
  // rank 3 kept rank 2 waiting from the begin of the gap until 100, rank 2 then rank 0 until 120
  CHECK(reason.chain[2].since_ns == 20);
  CHECK(reason.chain[2].until_ns == 100);
  CHECK(reason.chain[1].since_ns == 100);
  CHECK(reason.chain[1].until_ns == 120);
  CHECK(reason.chain[0].until_ns == 120);
}

TEST_CASE("a gap between cells of a schedule is explained by what the next cell needs") {
  CHECK(why_gap(cells_trace(), 0, 10, 40).sentence() ==
        "rank 0 is idle 30 ns: 0B0 (micro-batch 0) needs the result of rank 1, which computed 1B0 "
        "(micro-batch 0) from 20 ns until 40 ns");
  CHECK(why_gap(cells_trace(), 1, 0, 10).sentence() ==
        "rank 1 is idle 10 ns: 1F0 (micro-batch 0) needs the result of rank 0, which computed 0F0 "
        "(micro-batch 0) from 0 ns until 10 ns");
}

TEST_CASE("of the producer of a cell the time counts in which it kept others waiting") {
  const GapReason reason = why_gap(cells_trace(), 0, 10, 40);
  REQUIRE(reason.chain.size() == 2);
  CHECK(reason.chain[1].since_ns == 20);
  CHECK(reason.chain[1].until_ns == 40);
}

TEST_CASE("a gap without a cause in the trace is said to be the host's, the last one the end") {
  CHECK(why_gap(cells_trace(), 1, 40, 60).sentence() ==
        "rank 1 is idle 20 ns: it has no operation left");
  Trace trace = cells_trace();
  for (Span& span : trace.spans) span.tags = {};
  CHECK(why_gap(trace, 0, 10, 40).sentence() ==
        "rank 0 is idle 30 ns: the host submits 0B0 only at 40 ns");
}

TEST_CASE("a rank that was late because it had waited itself hands the question on") {
  // As chain_trace, but rank 2 computes for 40 ns between its all_reduce and its exchange.
  Trace trace = chain_trace();
  trace.spans[1].posted_ns = trace.spans[1].ready_ns = 170;
  trace.spans[1].end_ns = 190;
  trace.spans[2].ready_ns = 160;
  trace.spans[2].end_ns = 170;
  trace.spans[5].posted_ns = trace.spans[5].ready_ns = 160;
  trace.spans[5].end_ns = 170;
  trace.spans.insert(trace.spans.begin() + 4,
                     {.lane = 4, .posted_ns = 120, .ready_ns = 120, .end_ns = 160});
  CHECK(why_gap(trace, 0, 20, 160).sentence() ==
        "rank 0 is idle 140 ns: exchange of pp[0,2] (micro-batch 5) waits for rank 2, which was at "
        "work "
        "only from 100 ns until 160 ns; before, its all_reduce #14 of tp[2,3] waited for rank 3, "
        "which "
        "computed gemm until 100 ns");
}

TEST_CASE("a rank that came late without work is named as such") {
  Trace trace = chain_trace();
  trace.spans.erase(trace.spans.begin() + 6);  // rank 3's gemm
  CHECK(why_gap(trace, 2, 50, 100).sentence() ==
        "rank 2 is idle 50 ns: all_reduce #14 of tp[2,3] waits for rank 3, which had nothing "
        "submitted "
        "until 100 ns");
}

TEST_CASE("the longest gaps are explained first, in lines of 100 columns") {
  const Trace trace = chain_trace();
  const std::vector<GapReason> reasons = explain_gaps(trace, 2);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0].rank == 1);  // idle from beginning to end
  CHECK(reasons[0].end_ns - reasons[0].begin_ns == 200);
  CHECK(reasons[1].rank == 0);
  CHECK(reasons[1].begin_ns == 20);
  CHECK(reasons[1].end_ns == 120);
  const std::string words = to_text(reasons, trace);
  CHECK(words.find("rank 0 is idle 100 ns, from 20 ns to 120 ns. Why:") != std::string::npos);
  CHECK(words.find("\n    rank 2 ") != std::string::npos);
  std::istringstream lines(words);
  for (std::string line; std::getline(lines, line);) CHECK(width_of(line) <= 100);
  CHECK(to_text({}, trace) == "no rank is idle\n");
}

}  // namespace shardpipe
