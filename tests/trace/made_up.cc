#include "tests/trace/made_up.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "core/base/random.h"
#include "core/trace/recorder.h"

namespace shardpipe {
namespace {

constexpr int kRanks = 4;
using PerRank = std::array<std::int64_t, kRanks>;

// Four ranks in step: a clock for each stream of each rank.
class MlpStep {
 public:
  MlpStep() {
    for (int rank = 0; rank < kRanks; ++rank) {
      compute_log_[index(rank)] = &recorder_.make_log(rank, 0, "compute");
      comm_log_[index(rank)] = &recorder_.make_log(rank, 1, "comm");
    }
  }

  // Rank r takes 1 + r/40 of the time: rank 3 comes last. Returns the ends.
  PerRank compute(const char* name, Tags tags, std::int64_t ns) {
    for (int rank = 0; rank < kRanks; ++rank) {
      std::int64_t& now = compute_now_[index(rank)];
      const std::int64_t end = now + ns + ns * rank / 40;
      compute_log_[index(rank)]->add({.name = name,
                                      .tags = tags,
                                      .bytes = ns,
                                      .flops = static_cast<double>(ns) * 1e3,
                                      .dims = {.sizes = {512, 64}, .count = 2, .inner = 256},
                                      .posted_ns = now,
                                      .ready_ns = now,
                                      .end_ns = end});
      now = end;
    }
    return compute_now_;
  }

  // Begins when `inputs` are there on all ranks.
  PerRank collective(OpKind kind, const char* name, Tags tags, std::int64_t ns, PerRank inputs) {
    PerRank posted;
    for (int rank = 0; rank < kRanks; ++rank)
      posted[index(rank)] = std::max(comm_now_[index(rank)], inputs[index(rank)]);
    const std::int64_t end = *std::max_element(posted.begin(), posted.end()) + ns;
    for (int rank = 0; rank < kRanks; ++rank) {
      comm_log_[index(rank)]->add({.name = name,
                                   .group = &group_,
                                   .kind = kind,
                                   .tags = tags,
                                   .sequence = sequence_,
                                   .bytes = ns * 300,
                                   .dims = {.sizes = {8, 512, 64}, .count = 3},
                                   .posted_ns = posted[index(rank)],
                                   .ready_ns = -1,
                                   .end_ns = end});
      comm_now_[index(rank)] = end;
    }
    ++sequence_;
    return comm_now_;
  }

  void compute_waits(const PerRank& ends) {
    for (int rank = 0; rank < kRanks; ++rank)
      compute_now_[index(rank)] = std::max(compute_now_[index(rank)], ends[index(rank)]);
  }

  Trace finish() {
    const std::int64_t end = std::max(*std::max_element(compute_now_.begin(), compute_now_.end()),
                                      *std::max_element(comm_now_.begin(), comm_now_.end()));
    Trace trace = recorder_.finish(0, end);
    trace.clock = "modelled";
    trace.hardware = "8xH100";
    return trace;
  }

 private:
  static std::size_t index(int rank) { return static_cast<std::size_t>(rank); }

  Group group_{.id = 1, .axis = "tp", .ranks = {0, 1, 2, 3}};
  Recorder recorder_;
  std::array<StreamLog*, kRanks> compute_log_ = {}, comm_log_ = {};
  PerRank compute_now_ = {}, comm_now_ = {};
  std::int64_t sequence_ = 0;
};

}  // namespace

Trace mlp_trace(bool naive) {
  constexpr int kLayers = 4;
  MlpStep step;
  for (int layer = 0; layer < kLayers; ++layer) {
    const Tags tags{.step = 0, .layer = layer, .phase = Phase::forward};
    PerRank done = step.compute("mlp.up", tags, 20'000);
    if (naive)
      step.compute_waits(step.collective(OpKind::all_gather, "gather", tags, 24'000, done));
    done = step.compute("mlp.down", tags, 20'000);
    step.compute_waits(step.collective(OpKind::all_reduce, "reduce", tags, 9'000, done));
  }
  for (int layer = kLayers - 1; layer >= 0; --layer) {
    const Tags tags{.step = 0, .layer = layer, .phase = Phase::backward_input};
    const Tags weight{.step = 0, .layer = layer, .phase = Phase::backward_weight};
    const PerRank done = step.compute("mlp.dx", tags, 40'000);
    const PerRank reduced =
        step.collective(OpKind::all_reduce, "reduce", tags, naive ? 33'000 : 9'000, done);
    if (naive) step.compute_waits(reduced);
    step.compute("mlp.dw", weight, 40'000);
    step.compute_waits(reduced);
  }
  step.compute("adam", {.step = 0, .phase = Phase::optimizer}, 15'000);
  return step.finish();
}

Trace random_trace(std::uint64_t seed) {
  std::uint64_t draws = 0;
  const auto below = [&](int n) {
    return static_cast<std::int32_t>(random_bits(seed, 7, draws++) % static_cast<std::uint64_t>(n));
  };
  Trace trace{.clock = "measured", .wall_ns = 150 + below(100)};
  trace.names = {"gemm", "gelu \"fast\"\n\t\\ \xc3\xa9", "", "reduce"};
  trace.shapes = {"[3, 4]", "[3, 8] x [8, 4]"};
  trace.groups = {{.id = 5, .axis = "tp", .ranks = {0, 1, 2}},
                  {.id = 9, .axis = "pp", .ranks = {2, 0}}};
  for (std::int32_t rank = 0; rank < 3; ++rank)
    for (std::int32_t stream = 0; stream < 2; ++stream)
      trace.lanes.push_back({rank, stream, stream == 0 ? "compute" : "comm"});
  for (std::int32_t lane = 0; lane < 6; ++lane) {
    std::int64_t now = below(12);
    for (int i = 0; i < 25; ++i) {
      const bool is_comm = below(4) < (lane % 2 == 0 ? 1 : 3);
      Span span{.lane = lane, .name = below(4), .posted_ns = now + below(6)};
      span.tags = {below(3) - 1, below(3) - 1, below(3) - 1, below(3) - 1,
                   static_cast<Phase>(below(6))};
      span.ready_ns = span.posted_ns + (is_comm ? below(2) * below(7) : 0);
      span.end_ns = span.ready_ns + below(9);
      if (is_comm) {
        span.kind = static_cast<OpKind>(1 + below(6));
        span.group = below(2);
        span.sequence = below(100) - 1;
        span.waits_for = below(4) - 1;
      }
      span.bytes = below(1000);
      span.shape = below(3) - 1;
      span.flops = random_uniform(seed, 8, draws++) * 1e15;
      now = span.end_ns;
      if (span.posted_ns < trace.wall_ns) trace.spans.push_back(span);
    }
  }
  return trace;
}

bool equal(const Trace& a, const Trace& b) {
  const auto tags = [](const Tags& t) {
    return std::tuple(t.step, t.stage, t.microbatch, t.layer, t.phase);
  };
  const auto same_span = [&](const Span& s, const Span& t) {
    return std::tuple(s.lane, s.name, s.group, s.kind, s.sequence, s.bytes, s.flops, s.posted_ns,
                      s.ready_ns, s.end_ns, s.waits_for, s.shape, tags(s.tags)) ==
           std::tuple(t.lane, t.name, t.group, t.kind, t.sequence, t.bytes, t.flops, t.posted_ns,
                      t.ready_ns, t.end_ns, t.waits_for, t.shape, tags(t.tags));
  };
  const auto same_lane = [](const Lane& s, const Lane& t) {
    return std::tie(s.rank, s.stream, s.name) == std::tie(t.rank, t.stream, t.name);
  };
  const auto same_group = [](const Group& s, const Group& t) {
    return std::tie(s.id, s.axis, s.ranks) == std::tie(t.id, t.axis, t.ranks);
  };
  return std::tie(a.clock, a.hardware, a.wall_ns, a.names, a.shapes) ==
             std::tie(b.clock, b.hardware, b.wall_ns, b.names, b.shapes) &&
         std::equal(a.groups.begin(), a.groups.end(), b.groups.begin(), b.groups.end(),
                    same_group) &&
         std::equal(a.lanes.begin(), a.lanes.end(), b.lanes.begin(), b.lanes.end(), same_lane) &&
         std::equal(a.spans.begin(), a.spans.end(), b.spans.begin(), b.spans.end(), same_span);
}

}  // namespace shardpipe
