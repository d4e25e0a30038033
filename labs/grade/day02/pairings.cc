// day02_pairings: calls and bytes of an MLP whose two linears are split in each of the four ways.
// The answers are the counters of a run.
#include "core/base/data_root.h"
#include "core/cost/hardware.h"
#include "core/cost/roofline.h"
#include "core/launch/launch.h"
#include "core/tensor_parallel/mlp.h"
#include "labs/grade/questions.h"

namespace shardpipe {
namespace {

constexpr Index kTokens = 256, kFeatures = 256, kHidden = 1024;  // T, D, F: as lab tp-mlp on cpu
constexpr int kRanks = 8;

struct Counted {
  double calls = 0, bytes = 0;
};

// Forward and backward of x, as rank 0 counts them on axis tp.
Counted counted(Pairing pairing) {
  const RooflineModel machine(load_hardware(data_root() + "/solutions/grading.json"));
  const RunOptions options{.grid = {.tp = kRanks}, .record_trace = false};
  const RunReport report = run_modelled(options, machine, [=](RankContext& ctx) {
    Mlp mlp(ctx, "mlp", kFeatures, kHidden, {.pairing = pairing});
    const Tensor x(ctx.device, {kTokens, kFeatures}), dy(ctx.device, {kTokens, kFeatures});
    ctx.begin_window();
    mlp.forward(x, 0, ctx);
    mlp.backward(dy, 0, ctx);
    ctx.end_window();
  });
  Counted sum;
  for (const CommCount& count : report.ranks[0].communication) {
    sum.calls += static_cast<double>(count.calls);
    sum.bytes += static_cast<double>(count.bytes);
  }
  return sum;
}

}  // namespace

std::vector<Question> pairing_questions() {
  std::vector<Question> all;
  for (const Pairing pairing :
       {Pairing::col_row, Pairing::col_col, Pairing::row_col, Pairing::row_row}) {
    const Counted right = counted(pairing);
    std::string key = name_of(pairing);
    key[3] = '_';
    all.push_back(
        {.key = key + "_calls",
         .ask = text(name_of(pairing), ": collectives that a rank enters"),
         .unit = "calls",
         .answer = right.calls,
         .guesses = {
             {"PREDICT-FORWARD-ONLY", "that is the forward alone; the backward of x has as many",
              right.calls / 2},
             {"PREDICT-TWICE-TOO-MANY",
              "twice too many: a collective is counted once for a rank, forward and backward "
              "once each",
              right.calls * 2}}});
    all.push_back(
        {.key = key + "_bytes",
         .ask = text(name_of(pairing), ": payload of these, in bytes"),
         .unit = "bytes",
         .answer = right.bytes,
         .guesses = {
             {"PREDICT-FORWARD-ONLY", "that is the forward alone; the backward of x moves as much",
              right.bytes / 2},
             {"PREDICT-SHARD", "that counts a rank's own shard; the payload is the full tensor",
              right.bytes / kRanks},
             {"PREDICT-ELEMENTS", "those are numbers; a float32 has four bytes",
              right.bytes / 4}}});
  }
  return all;
}

}  // namespace shardpipe
