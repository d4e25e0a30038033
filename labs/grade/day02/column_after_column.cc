// day02_column_after_column: what two column-parallel linears in a row send. The answers are the
// counters of a run.
#include "core/base/data_root.h"
#include "core/cost/hardware.h"
#include "core/cost/roofline.h"
#include "core/launch/launch.h"
#include "core/tensor_parallel/linear.h"
#include "labs/grade/questions.h"

namespace shardpipe {
namespace {

// x [T,D], the features between the linears F, the output [T,G].
constexpr Index T = 128, D = 384, F = 1024, G = 512;
constexpr int kRanks = 8;

enum class Second { column, gathered_column, row };
enum class Half { forward, backward };

std::unique_ptr<Layer> column(RankContext& ctx, Index inputs, Index outputs, bool gathers) {
  return std::make_unique<ColumnParallelLinear>(
      ctx, std::vector<OutputPart>{{.name = "linear", .outputs = outputs}}, inputs,
      ColumnOptions{.gather_output = gathers});
}

struct Counted {
  double calls = 0, bytes = 0, sent = 0;
};

// What rank 0 counts in one half of a step.
std::vector<CommCount> counts(Second second, Half half) {
  const RooflineModel machine(load_hardware(data_root() + "/solutions/grading.json"));
  const RunOptions options{.grid = {.tp = kRanks}, .record_trace = false};
  const RunReport report = run_modelled(options, machine, [=](RankContext& ctx) {
    Sequential both;
    both.add(column(ctx, D, F, second != Second::row));
    if (second == Second::row)
      both.add(std::make_unique<RowParallelLinear>(ctx, "second", F, G, RowOptions{}));
    else
      both.add(column(ctx, F, G, second == Second::gathered_column));
    const Tensor x(ctx.device, {T, D});
    const Tensor dy(ctx.device, {T, second == Second::column ? G / kRanks : G});
    if (half == Half::forward) ctx.begin_window();
    both.forward(x, 0, ctx);
    if (half == Half::backward) ctx.begin_window();
    if (half == Half::backward) both.backward(dy, 0, ctx);
    ctx.end_window();
  });
  return report.ranks[0].communication;
}

Counted sum_of(const std::vector<CommCount>& counts) {
  Counted sum;
  for (const CommCount& one : counts) {
    sum.calls += static_cast<double>(one.calls);
    sum.bytes += static_cast<double>(one.bytes);
    sum.sent += static_cast<double>(one.wire_bytes);
  }
  return sum;
}

Counted sum_of(OpKind kind, std::vector<CommCount> counts) {
  std::erase_if(counts, [=](const CommCount& one) { return one.kind != kind; });
  return sum_of(counts);
}

KnownGuess all_reduce_guess(double value) {
  return {"PREDICT-AR-AFTER-COLUMN",
          "that has an all-reduce in it: the second linear's ranks hold different outputs, so "
          "there is nothing to add up",
          value};
}

KnownGuess payload_guess(double value) {
  return {"PREDICT-PAYLOAD", "that is the payload; what a rank sends for it is another figure",
          value};
}

}  // namespace

std::vector<Question> column_after_column_questions() {
  const Counted split = sum_of(counts(Second::column, Half::forward));
  const std::vector<CommCount> forward = counts(Second::gathered_column, Half::forward);
  const Counted whole = sum_of(forward);
  const Counted last{
      .calls = 1, .bytes = whole.bytes - split.bytes, .sent = whole.sent - split.sent};
  const Counted backward =
      sum_of(OpKind::all_reduce, counts(Second::gathered_column, Half::backward));
  const Counted paired = sum_of(counts(Second::row, Half::forward));
  return {
      {.key = "split_calls",
       .ask = "forward, the output left split: collectives that a rank enters",
       .unit = "calls",
       .answer = split.calls,
       .guesses = {{"PREDICT-COLUMN-FEEDS-COLUMN",
                    "the second linear would have to work on a part of its inputs, and a "
                    "column-parallel linear wants all of them",
                    0},
                   all_reduce_guess(split.calls + 1)}},
      {.key = "split_bytes",
       .ask = "forward, the output left split: their payload",
       .unit = "bytes",
       .answer = split.bytes,
       .guesses =
           {{"PREDICT-COLUMN-FEEDS-COLUMN",
             "the second linear would have to work on a part of its inputs, and a "
             "column-parallel linear wants all of them",
             0},
            {"PREDICT-WRONG-TENSOR",
             "that is x: what is wanted whole is what lies between the linears", 4.0 * T * D},
            {"PREDICT-SHARD", "that counts a rank's own shard; the payload is the full tensor",
             split.bytes / kRanks},
            {"PREDICT-ELEMENTS", "those are numbers; a float32 has four bytes", split.bytes / 4}}},
      {.key = "whole_calls",
       .ask = "forward, the output wanted whole: collectives that a rank enters",
       .unit = "calls",
       .answer = whole.calls,
       .guesses = {{"PREDICT-EDGE-FORGOTTEN",
                    "that is the one between the linears; the output is split, too, and wanted "
                    "whole",
                    split.calls},
                   all_reduce_guess(whole.calls + 1)}},
      {.key = "whole_all_reduces",
       .ask = "forward, the output wanted whole: all-reduces among these",
       .unit = "calls",
       .answer = sum_of(OpKind::all_reduce, forward).calls,
       .guesses = {all_reduce_guess(1)}},
      {.key = "whole_sent",
       .ask = "forward, the output wanted whole: bytes that a rank sends by rings",
       .unit = "bytes",
       .answer = whole.sent,
       // An all-reduce by a ring sends twice what an all-gather of the same tensor does.
       .guesses = {all_reduce_guess(split.sent + 2 * last.sent), payload_guess(whole.bytes)}},
      {.key = "backward_all_reduces",
       .ask = "backward of x, the output wanted whole: all-reduces that a rank enters",
       .unit = "calls",
       .answer = backward.calls,
       .guesses = {{"PREDICT-AS-COLUMN-ROW",
                    "so it is for column then row; here two linears have used a whole input",
                    paired.calls}}},
      {.key = "row_sent",
       .ask = "instead, column then row, forward: bytes that a rank sends by rings",
       .unit = "bytes",
       .answer = paired.sent,
       .guesses = {{"PREDICT-GATHER-FOR-SUM",
                    "that is an all-gather of the output; terms of it must be summed", last.sent},
                   payload_guess(paired.bytes)}}};
}

}  // namespace shardpipe
