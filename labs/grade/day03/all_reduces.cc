// day03_all_reduces: what a transformer block communicates on 4 ranks and on 8. The answers are
// those of runs; how many messages follow each other in a ring is the cost model's.
#include "core/base/data_root.h"
#include "core/cost/collective_cost.h"
#include "core/cost/hardware.h"
#include "core/cost/roofline.h"
#include "core/launch/launch.h"
#include "core/tensor_parallel/block.h"
#include "labs/grade/questions.h"

namespace shardpipe {
namespace {

// As lab tp-block on cpu.
constexpr Index kSequences = 2, kPositions = 128, kTokens = kSequences * kPositions;
constexpr BlockOptions kBlock = {
    .D = 256, .F = 1024, .attention = {.heads = 8, .kv_heads = 8, .sequence = kPositions}};

// Two mistakes, one figure: a block has four all-reduces, and a float32 has four bytes.
constexpr const char* kElements =
    "a quarter of it: either numbers, where a float32 has four bytes, or one all-reduce of several";

struct Counted {
  double calls = 0, bytes = 0, sent = 0, steps = 0;
};

// Forward and backward of x, as rank 0 counts them.
Counted counted(int ranks) {
  const RooflineModel machine(load_hardware(data_root() + "/solutions/grading.json"));
  const RunOptions options{.grid = {.tp = ranks}, .record_trace = false};
  const RunReport report = run_modelled(options, machine, [=](RankContext& ctx) {
    TransformerBlock block(ctx, 0, kBlock);
    const Tensor x(ctx.device, {kTokens, kBlock.D}), dy(ctx.device, {kTokens, kBlock.D});
    ctx.begin_window();
    block.forward(x, 0, ctx);
    block.backward(dy, 0, ctx);
    ctx.end_window();
  });
  Counted sum;
  for (const CommCount& count : report.ranks[0].communication) {
    const auto calls = static_cast<double>(count.calls), bytes = static_cast<double>(count.bytes);
    sum.calls += calls;
    sum.bytes += bytes;
    sum.sent += static_cast<double>(count.wire_bytes);
    sum.steps += calls * traffic_of(count.kind, Algorithm::ring, ranks, bytes / calls).steps;
  }
  return sum;
}

Question calls_question(const std::string& name, int ranks, const Counted& right) {
  return {
      .key = name + "_calls",
      .ask = text("t = ", ranks, ": all-reduces that a rank enters"),
      .unit = "calls",
      .answer = right.calls,
      .guesses = {{"PREDICT-GROWS-WITH-T",
                   "one fewer than ranks: how many a block has does not depend on t", ranks - 1.0},
                  {"PREDICT-FORWARD-ONLY",
                   "that is the forward alone; the backward of x has as many", right.calls / 2},
                  {"PREDICT-TWICE-TOO-MANY",
                   "one for each linear and each way; the first linear of a pair hands its "
                   "shard to the second",
                   right.calls * 2}}};
}

Question sent_question(const std::string& name, int ranks, const Counted& right) {
  return {
      .key = name + "_sent",
      .ask = text("t = ", ranks, ": bytes that a rank sends for these together, by rings"),
      .unit = "bytes",
      .answer = right.sent,
      .guesses = {{"PREDICT-PAYLOAD",
                   "that is the payload; a ring sends 2 (t-1)/t of it from each rank", right.bytes},
                  {"PREDICT-ONE-PHASE",
                   "that is one half of a ring all-reduce: a reduce-scatter, or an all-gather",
                   right.sent / 2},
                  {"PREDICT-SENDS-TO-ALL", "that is the whole tensor to each of the others",
                   right.bytes * (ranks - 1)},
                  {"PREDICT-ELEMENTS", kElements, right.sent / 4}}};
}

Question steps_question(const std::string& name, int ranks, const Counted& right) {
  return {.key = name + "_steps",
          .ask = text("t = ", ranks, ": messages that follow each other, in these rings together"),
          .unit = "messages",
          .answer = right.steps,
          .guesses = {
              {"PREDICT-ONE-PHASE", "that is one half of each all-reduce: a ring goes round twice",
               right.steps / 2},
              {"PREDICT-ONE-CALL", "that is one all-reduce; there are several, one after another",
               right.steps / right.calls}}};
}

}  // namespace

std::vector<Question> all_reduce_questions() {
  std::vector<Question> all;
  for (const int ranks : {4, 8}) {
    const Counted right = counted(ranks);
    const std::string name = text("tp", ranks);
    all.push_back(calls_question(name, ranks, right));
    all.push_back({.key = name + "_bytes",
                   .ask = text("t = ", ranks, ": payload of these together, in bytes"),
                   .unit = "bytes",
                   .answer = right.bytes,
                   .guesses = {{"PREDICT-FORWARD-ONLY",
                                "that is the forward alone; the backward of x moves as much",
                                right.bytes / 2},
                               {"PREDICT-ELEMENTS", kElements, right.bytes / 4}}});
    if (ranks != 4)
      all.back().guesses.push_back(
          {"PREDICT-SHARD", "that counts a rank's own shard; the payload is the full tensor",
           right.bytes / ranks});
    all.push_back(sent_question(name, ranks, right));
    all.push_back(steps_question(name, ranks, right));
  }
  return all;
}

}  // namespace shardpipe
