// What one team of threads computes for one row. A team is a warp on the GPU (launch.cuh) and a
// single thread on the host (in tests): its members take every lanes-th column and then add up.
// Letters as in core/tensor/math.h; D columns.
#pragma once

#include <cmath>

#include "core/backends/cuda/array.cuh"

namespace shardpipe::cuda {

struct Solo {
  static constexpr int lanes = 1;
  int lane = 0;
  float sum(float value) const { return value; }
  float max(float value) const { return value; }
};

// Teams differ in where they can run, functors do not: the check of their calls is off.
#pragma nv_exec_check_disable
template <class Team, class Term>
__host__ __device__ float sum_over(Index n, Team team, Term term) {
  float sum = 0;
  for (Index j = team.lane; j < n; j += Team::lanes) sum += term(j);
  return team.sum(sum);
}

#pragma nv_exec_check_disable
template <class Team, class Term>
__host__ __device__ float max_over(Index n, Team team, Term term) {
  float max = -INFINITY;
  for (Index j = team.lane; j < n; j += Team::lanes) max = fmaxf(max, term(j));
  return team.max(max);
}

struct LayerNormRow {  // y = gamma (x - mean) rstd + beta
  Array y, stats, x, gamma, beta;
  Index D;
  float epsilon;
  template <class Team>
  __host__ __device__ void operator()(Index row, Team team) const {
    const Index at = row * D;
    const float n = static_cast<float>(D);
    const float mean = sum_over(D, team, [&](Index j) { return x.load(at + j); }) / n;
    const float variance = sum_over(D, team,
                                    [&](Index j) {
                                      const float d = x.load(at + j) - mean;
                                      return d * d;
                                    }) /
                           n;
    const float rstd = 1 / sqrtf(variance + epsilon);
    for (Index j = team.lane; j < D; j += Team::lanes)
      y.store(at + j, gamma.load(j) * (x.load(at + j) - mean) * rstd + beta.load(j));
    if (team.lane == 0) {
      stats.store(2 * row, mean);
      stats.store(2 * row + 1, rstd);
    }
  }
};

// With g = gamma dy and xhat = (x - mean) rstd:  dx = rstd (g - mean(g) - xhat mean(g xhat)).
struct LayerNormBackwardRow {
  Array dx, dy, x, stats, gamma;
  Index D;
  template <class Team>
  __host__ __device__ void operator()(Index row, Team team) const {
    const Index at = row * D;
    const float mean = stats.load(2 * row), rstd = stats.load(2 * row + 1);
    const float n = static_cast<float>(D);
    const auto g = [&](Index j) { return gamma.load(j) * dy.load(at + j); };
    const auto xhat = [&](Index j) { return (x.load(at + j) - mean) * rstd; };
    const float mean_g = sum_over(D, team, g) / n;
    const float mean_gx = sum_over(D, team, [&](Index j) { return g(j) * xhat(j); }) / n;
    for (Index j = team.lane; j < D; j += Team::lanes)
      dx.store(at + j, rstd * (g(j) - mean_g - xhat(j) * mean_gx));
  }
};

struct RmsNormRow {  // y = gamma x rstd
  Array y, stats, x, gamma;
  Index D;
  float epsilon;
  template <class Team>
  __host__ __device__ void operator()(Index row, Team team) const {
    const Index at = row * D;
    const float squares = sum_over(D, team, [&](Index j) {
      const float value = x.load(at + j);
      return value * value;
    });
    const float rstd = 1 / sqrtf(squares / static_cast<float>(D) + epsilon);
    for (Index j = team.lane; j < D; j += Team::lanes)
      y.store(at + j, gamma.load(j) * x.load(at + j) * rstd);
    if (team.lane == 0) stats.store(row, rstd);
  }
};

struct RmsNormBackwardRow {  // dx = rstd (g - xhat mean(g xhat)), xhat = x rstd
  Array dx, dy, x, stats, gamma;
  Index D;
  template <class Team>
  __host__ __device__ void operator()(Index row, Team team) const {
    const Index at = row * D;
    const float rstd = stats.load(row);
    const auto g = [&](Index j) { return gamma.load(j) * dy.load(at + j); };
    const auto xhat = [&](Index j) { return x.load(at + j) * rstd; };
    const float mean_gx =
        sum_over(D, team, [&](Index j) { return g(j) * xhat(j); }) / static_cast<float>(D);
    for (Index j = team.lane; j < D; j += Team::lanes)
      dx.store(at + j, rstd * (g(j) - xhat(j) * mean_gx));
  }
};

// One thread a column, as BiasBackwardColumn. stats_width 2 (mean, rstd) or 1 (rstd); dbeta may be
// absent (data = nullptr).
struct NormBackwardWeightColumn {
  Array dgamma, dbeta, dy, x, stats;
  Index T, D;
  int stats_width;
  __host__ __device__ void operator()(Index j) const {
    float gamma_sum = 0, beta_sum = 0;
    for (Index t = 0; t < T; ++t) {
      const float mean = stats_width == 2 ? stats.load(2 * t) : 0;
      const float rstd = stats.load(stats_width * t + stats_width - 1);
      const float d = dy.load(t * D + j);
      gamma_sum += d * (x.load(t * D + j) - mean) * rstd;
      beta_sum += d;
    }
    dgamma.accumulate(j, gamma_sum);
    if (dbeta.data != nullptr) dbeta.accumulate(j, beta_sum);
  }
};

struct CausalSoftmaxRow {  // row r is position first + r % (S - first) and sees columns up to it
  Array p, scores;
  Index S, first;
  template <class Team>
  __host__ __device__ void operator()(Index row, Team team) const {
    const Index at = row * S, seen = first + row % (S - first) + 1;
    const auto score = [&](Index j) { return scores.load(at + j); };
    const float max = max_over(seen, team, score);
    const float sum = sum_over(seen, team, [&](Index j) { return expf(score(j) - max); });
    for (Index j = team.lane; j < S; j += Team::lanes)
      p.store(at + j, j < seen ? expf(score(j) - max) / sum : 0);
  }
};

struct CausalSoftmaxBackwardRow {  // ds = p (dp - sum_j p dp)
  Array dscores, dp, p;
  Index S;
  template <class Team>
  __host__ __device__ void operator()(Index row, Team team) const {
    const Index at = row * S, seen = row % S + 1;
    const float dot =
        sum_over(seen, team, [&](Index j) { return p.load(at + j) * dp.load(at + j); });
    for (Index j = team.lane; j < S; j += Team::lanes)
      dscores.store(at + j, j < seen ? p.load(at + j) * (dp.load(at + j) - dot) : 0);
  }
};

struct MaxOfRow {
  Array out, x;
  Index V, columns;
  template <class Team>
  __host__ __device__ void operator()(Index row, Team team) const {
    const float max = max_over(columns, team, [&](Index j) { return x.load(row * V + j); });
    if (team.lane == 0) out.store(row, max);
  }
};

// The lowest column wins ties: the largest of minus the columns. A row with NaN gives (NaN, -1).
struct ArgMaxOfRow {
  Array out, x;  // out [T,2] f32
  Index V, columns, first_column;
  template <class Team>
  __host__ __device__ void operator()(Index row, Team team) const {
    const auto number = [&](Index j) { return x.load(row * V + j); };
    const float max = max_over(columns, team, number);
    const float minus = max_over(columns, team, [&](Index j) {
      return number(j) == max ? -static_cast<float>(j) : -INFINITY;
    });
    const float nans =
        sum_over(columns, team, [&](Index j) { return number(j) == number(j) ? 0.0f : 1.0f; });
    if (team.lane != 0) return;
    const float column = static_cast<float>(first_column) - (columns == 0 ? 0 : minus);
    out.store(2 * row, nans > 0 ? NAN : max);
    out.store(2 * row + 1, nans > 0 ? -1 : column);
  }
};

struct SumOfRow {
  Array out, x;
  Index V, columns;
  template <class Team>
  __host__ __device__ void operator()(Index row, Team team) const {
    const float sum = sum_over(columns, team, [&](Index j) { return x.load(row * V + j); });
    if (team.lane == 0) out.store(row, sum);
  }
};

struct CrossEntropyOfAll {  // one row of T columns: loss = mean_T (log(sum) + max - target)
  Array loss, sum, max, target;
  Index T;
  template <class Team>
  __host__ __device__ void operator()(Index, Team team) const {
    const float total = sum_over(
        T, team, [&](Index t) { return logf(sum.load(t)) + max.load(t) - target.load(t); });
    if (team.lane == 0) loss.store(0, total / static_cast<float>(T));
  }
};

}  // namespace shardpipe::cuda
