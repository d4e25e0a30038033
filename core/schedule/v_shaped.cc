// Schedules in which a rank meets each micro-batch twice. Symbols: p ranks, m micro-batches, rank
// r.
//   zb_v        Qi et al. 2024, Zero Bubble Pipeline Parallelism (arXiv 2401.10241), section 6
//   dualpipe    DeepSeek-AI 2024, DeepSeek-V3 (2412.19437), section 3.2.1
//   dualpipe_v  its form without the second copy of the weights; published with DualPipe's code
// In a V, rank r holds the stages r and 2p-1-r: down through chunk 0, up through chunk 1. The last
// stage is on rank 0, so the loss is where the input is, and the turn at rank p-1 needs no message.
#include "core/schedule/families.h"
#include "core/schedule/patterns.h"

namespace shardpipe {
namespace {

constexpr Part F0{ActionKind::F, 0}, F1{ActionKind::F, 1};
constexpr Part F0_with{ActionKind::F, 0, true}, F1_with{ActionKind::F, 1, true};  // the next B
constexpr Part B0{ActionKind::B, 0}, B1{ActionKind::B, 1};
constexpr Part I0{ActionKind::I, 0}, I1{ActionKind::I, 1};
constexpr Part W0{ActionKind::W, 0}, W1{ActionKind::W, 1}, W{ActionKind::W, kEither};

Schedule v_shape(const char* name, int p, int m) {
  return {.name = name, .stages = 2 * p, .microbatches = m, .chunks = 2};
}

// The eight steps of DualPipe, for one of p ranks through which two streams of m micro-batches pass
// in opposite directions: stream 0 comes from rank 0, stream 1 from rank p-1 (the turn of a V).
std::vector<Action> dual_steps(int p, int m, int r, ChunkOrigin stream0, ChunkOrigin stream1) {
  PatternWriter order(stream0, stream1);
  const int behind = p - 1 - r;        // ranks between this one and the turn
  const int both = m - 2 * p + r + 1;  // times that both streams go both ways
  order.repeat(2 * behind, {F0});      // 1: until stream 1 arrives
  order.repeat(r + 1, {F0, F1});       // 2: until the first gradient arrives
  order.repeat(behind, {I1, W, F1});   // 3: one more of stream 1 for each gradient
  // 4: at the turn the first F0 and B1 would wait for each other's inputs if they ran as one
  const bool is_turn = behind == 0;
  if (is_turn) order.repeat(1, {F0, B1, F1_with, B0});
  order.repeat(is_turn ? both - 1 : both, {F0_with, B1, F1_with, B0});
  order.repeat(behind, {B1, F1_with, B0});  // 5: stream 0 has entered
  // 6: stream 1 has, too. r+1 pairs B1 B0; from the middle on W waits, to fill the end.
  for (int i = 0; i < 2 * (r + 1); ++i)
    order.repeat(1, {i <= r ? (i % 2 == 0 ? B1 : B0) : (i % 2 == 0 ? I1 : I0)});
  order.repeat(behind, {W, I0});  // 7
  order.repeat(r + 1, {W});       // 8
  return order.take();
}

}  // namespace

// The order is made for F = I = W, where no rank is idle between its first action and its last.
Schedule zb_v(int p, int m) {
  Schedule schedule = v_shape("zb_v", p, m);
  for (int r = 0; r < p; ++r) {
    PatternWriter order({r, 0}, {2 * p - 1 - r, 0});
    const int behind = p - 1 - r;
    order.repeat(2 * behind + 1, {F0});      // micro-batch 0 goes down to the turn and comes back
    order.repeat(r, {F1, F0});               // and goes up to the loss
    order.repeat(behind + 1, {F1, I1, W1});  // its gradient goes down
    order.repeat(m - 2 * p + r + 1, {F0, I0, W0, F1, I1, W1});
    order.repeat(behind, {I0, W0, F1, I1, W1});
    order.repeat(r, {I0, I1});  // put off W where a later rank waits for I
    order.repeat(behind + 1, {I0, W0});
    order.repeat(r, {W1});
    order.repeat(r, {W0});
    schedule.ranks.push_back(order.take());
  }
  return schedule;
}

Schedule dualpipe_v(int p, int m) {
  Schedule schedule = v_shape("dualpipe_v", p, m);
  for (int r = 0; r < p; ++r)
    schedule.ranks.push_back(dual_steps(p, m, r, {r, 0}, {2 * p - 1 - r, 0}));
  return schedule;
}

// Two such V's, one from each end of the pipeline, that share their ranks: half of the batch enters
// at rank 0 and half at rank p-1. Each rank holds two whole stages, r and p-1-r, and so all weights
// exist twice. Micro-batches 0 .. m/2-1 find stage s on rank s, the others on rank p-1-s.
Schedule dualpipe(int p, int m) {
  Schedule schedule{.name = "dualpipe", .stages = p, .microbatches = m};
  for (int r = 0; r < p; ++r) {
    const ChunkOrigin down{r, 0}, up{p - 1 - r, m / 2};
    const bool in_first_half = r < p / 2;
    schedule.ranks.push_back(dual_steps(p / 2, m / 2, in_first_half ? r : p - 1 - r,
                                        in_first_half ? down : up, in_first_half ? up : down));
  }
  return schedule;
}

}  // namespace shardpipe
