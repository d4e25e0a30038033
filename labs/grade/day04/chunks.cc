// day04_chunks: how long a row-parallel linear takes in n pieces whose sums pass under products.
// The answers are times of modelled runs of the kit's own.
#include "core/base/data_root.h"
#include "core/cost/hardware.h"
#include "core/cost/roofline.h"
#include "core/launch/launch.h"
#include "core/tensor_parallel/overlapped_linear.h"
#include "labs/grade/questions.h"

namespace shardpipe {
namespace {

constexpr Index kTokens = 100, kFeatures = 200, kShard = 6;  // T, F, D/t
constexpr int kRanks = 4;
constexpr int kPieces[] = {1, 2, 4, 5, 10, 20, 25, 50, 100};  // that divide T

// Microseconds of one forward in n pieces.
double forward_us(int n) {
  const RooflineModel machine(load_hardware(data_root() + "/solutions/grading.json"));
  const RunOptions options{.grid = {.tp = kRanks}, .record_trace = false};
  const RunReport report = run_modelled(options, machine, [=](RankContext& ctx) {
    OverlappedRowLinear linear(ctx, "row", kShard * kRanks, kFeatures, {.bias = false}, n);
    const Tensor x(ctx.device, {kTokens, kShard});
    ctx.begin_window();
    linear.forward(x, 0, ctx);
    ctx.end_window();
  });
  return static_cast<double>(report.trace.wall_ns) / 1e3;
}

// By hand, for the guesses: P, the start a and the bytes S of a sum.
constexpr double kProductUs = 2.0 * kTokens * kFeatures * kShard / 1e3;
constexpr double kStartUs = 2.0 * (kRanks - 1);
constexpr double kBytesUs = 2.0 * (kRanks - 1) / kRanks * 4 * kTokens * kFeatures / 1e3;

double nothing_hidden(int n) { return kProductUs + n * kStartUs + kBytesUs; }

const char* kNoStart = "that leaves out the start of a sum, which every sum pays";
const char* kAllHidden =
    "that hides everything; but the last sum begins when the last product has ended";
const char* kNothingHidden = "that hides nothing: a sum runs while the next piece is multiplied";

Question time_question(const std::string& key, int n, std::vector<KnownGuess> guesses) {
  return {.key = key,
          .ask = text(n, n == 1 ? " piece" : " pieces", ": until y is summed"),
          .unit = "microseconds",
          .answer = forward_us(n),
          .tolerance = 0.001,
          .guesses = std::move(guesses)};
}

int best_pieces() {
  int best = 1;
  for (const int n : kPieces)
    if (forward_us(n) < forward_us(best)) best = n;
  return best;
}

}  // namespace

std::vector<Question> chunk_questions() {
  const int best = best_pieces(), most = static_cast<int>(kTokens);
  return {
      time_question("one_piece", 1,
                    {{"PREDICT-NO-START", kNoStart, kProductUs + kBytesUs},
                     {"PREDICT-ALL-HIDDEN", kAllHidden, kProductUs}}),
      time_question("four_pieces", 4,
                    {{"PREDICT-NO-START", kNoStart, kProductUs + kBytesUs / 4},
                     {"PREDICT-ALL-HIDDEN", kAllHidden, kProductUs},
                     {"PREDICT-NOTHING-HIDDEN", kNothingHidden, nothing_hidden(4)}}),
      {.key = "best_pieces",
       .ask = "the number of pieces that is fastest, of those that divide T",
       .unit = "pieces",
       .answer = 1.0 * best,
       .guesses = {{"PREDICT-MORE-IS-BETTER",
                    "a smaller last sum, yes, but each piece pays a start: from some number on the "
                    "sums take longer than the products that hide them",
                    1.0 * most}}},
      {.key = "best_exposed",
       .ask = "communication that no product hides, with that many pieces",
       .unit = "microseconds",
       .answer = forward_us(best) - kProductUs,
       .tolerance = 0.001,
       .guesses = {{"PREDICT-NO-START", kNoStart, kBytesUs / best},
                   {"PREDICT-ALL-HIDDEN", kAllHidden, 0},
                   {"PREDICT-NOTHING-HIDDEN", kNothingHidden, nothing_hidden(best) - kProductUs}}},
      time_question("a_row_each", most,
                    {{"PREDICT-ALL-HIDDEN",
                      "that takes the products for longer than the sums; of a row, they are not",
                      kProductUs + kStartUs + kBytesUs / most},
                     {"PREDICT-NO-START", kNoStart, kProductUs + kBytesUs / most},
                     {"PREDICT-NOTHING-HIDDEN", kNothingHidden, nothing_hidden(most)}})};
}

}  // namespace shardpipe
