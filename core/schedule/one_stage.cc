// Schedules in which each rank holds one stage. They differ in their lags only (lags.h).
//   naive         one micro-batch at a time: what layers on several machines do without a schedule
//   gpipe         Huang et al. 2019, GPipe (arXiv 1811.06965), figure 2c
//   forward_only  inference
//   1f1b          Narayanan et al. 2021, PipeDream-Flush (arXiv 2006.09503); Megatron-LM
//   (2104.04473), 2.2.1 eager_1f1b    Zhuang et al. 2023, On Optimizing the Communication of Model
//   Parallelism (2211.05322) zb_h1, zb_h2  Qi et al. 2024, Zero Bubble Pipeline Parallelism
//   (2401.10241), section 2
#include "core/schedule/families.h"
#include "core/schedule/lags.h"

namespace shardpipe {
namespace {

using enum ActionKind;

// lags_of(r): the lags of rank r.
template <class LagsOf>
Schedule one_stage_a_rank(const char* name, int p, int m, LagsOf lags_of) {
  Schedule schedule{.name = name, .stages = p, .microbatches = m};
  for (int r = 0; r < p; ++r)
    schedule.ranks.push_back(lagged(m, lags_of(r), [r](ActionKind kind, int k) {
      return Action{r, kind, k};
    }));
  return schedule;
}

using Lags = std::vector<Lag>;

}  // namespace

Schedule naive(int p, int m) {
  return one_stage_a_rank("naive", p, m, [](int) { return Lags{{F, 0}, {B, 0}}; });
}

Schedule gpipe(int p, int m) {
  return one_stage_a_rank("gpipe", p, m, [=](int) { return Lags{{F, 0}, {B, m}}; });
}

Schedule forward_only(int p, int m) {
  return one_stage_a_rank("forward_only", p, m, [](int) { return Lags{{F, 0}}; });
}

// Micro-batch 0 comes back to rank r when it has been through the p-1-r ranks behind it. So many
// more forwards keep the rank busy until then, if a backward takes as long as a forward.
Schedule one_f_one_b(int p, int m) {
  return one_stage_a_rank("1f1b", p, m, [=](int r) { return Lags{{F, 0}, {B, p - 1 - r}}; });
}

// Twice the lag of 1f1b, and the same bubble. What the memory buys is slack: a message may be under
// way for the time of an action before anyone waits for it.
Schedule eager_1f1b(int p, int m) {
  return one_stage_a_rank("eager_1f1b", p, m, [=](int r) {
    return Lags{{F, 0}, {B, 2 * (p - 1 - r)}};
  });
}

// 1f1b whose backward is cut in two. The half that nobody waits for, W, is put off so that later
// ranks, which start later, do it while the gradients of the last micro-batches travel up. All
// ranks hold p micro-batches: as many as rank 0 of 1f1b.
Schedule zb_h1(int p, int m) {
  return one_stage_a_rank("zb_h1", p, m, [=](int r) {
    return Lags{{F, 0}, {I, p - 1 - r}, {W, p - 1}};
  });
}

// Twice the lags, and with F = I = W no rank is idle between its first action and its last. Ranks
// end as they began, one after another: the makespan still has p-1 forwards on top of the work.
Schedule zb_h2(int p, int m) {
  return one_stage_a_rank("zb_h2", p, m, [=](int r) {
    return Lags{{F, 0}, {I, 2 * (p - 1 - r)}, {W, 2 * (p - 1)}};
  });
}

}  // namespace shardpipe
