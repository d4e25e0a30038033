// Functions and loops that compilers turn into vector instructions: no calls, no branches, and sums
// over a fixed number of lanes, so that their order (and so every bit) is the same on each machine.
// Errors stated here are checked in tests/tensor/activation_test.cc.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/tensor/tensor.h"

namespace shardpipe {

// f(i) for i = 0..n-1, where iterations are independent; operands may be the very same array.
template <class Function>
void for_each_index(Index n, Function f) {
#pragma omp simd
  for (Index i = 0; i < n; ++i) f(i);
}

// e^x, relative error below 1e-7. Below -87.33, where f32 loses precision, 0; above 88.72
// infinity; NaN stays NaN. Cephes' expf (Moshier, 1989): e^x = 2^n e^r, |r| <= ln 2 / 2.
inline float vector_exp(float x) {
  constexpr float kLow = -87.33f, kHigh = 88.72f;
  const float clamped = x < kLow ? kLow : (x > kHigh ? kHigh : x);
  // Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits.
  constexpr float kRound = 12582912.0f;
  const float rounded = clamped * 1.44269504088896341f + kRound;
  const std::uint32_t n =
      std::bit_cast<std::uint32_t>(rounded) - std::bit_cast<std::uint32_t>(kRound);
  const float whole = rounded - kRound;
  const float r = (clamped - whole * 0.693359375f) + whole * 2.12194440e-4f;  // ln 2 in two parts
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const float scaled = std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) + (n << 23));  // p 2^n
  const float low = x < kLow ? 0.0f : scaled;
  const float high = x > kHigh ? std::numeric_limits<float>::infinity() : low;
  return x == x ? high : x;
}

// sigmoid(z) and 1 - sigmoid(z), each without cancellation.
struct Sigmoid {
  float value = 0, complement = 0;
};

inline Sigmoid vector_sigmoid(float z) {
  const float e = vector_exp(-std::fabs(z));  // never above 1
  const float larger = 1.0f / (1.0f + e), smaller = e * larger;
  return {z >= 0 ? larger : smaller, z >= 0 ? smaller : larger};
}

// The normal distribution at x: cumulative (1 + erf(x / sqrt 2)) / 2, and density.
// erfc(z) = exp(-z^2) t P(t), t = 1 / (1 + 0.3 z), z >= 0: P is our own fit at Chebyshev nodes for
// z <= 9.4, relative error 2.4e-8; beyond, exp(-z^2) is 0. Absolute error of both below 2e-7.
struct Normal {
  float cumulative = 0, density = 0;
};

inline Normal vector_normal(float x) {
  constexpr float kInvSqrt2 = 0.70710678118f, kInvSqrt2Pi = 0.39894228040f;
  const float gauss = vector_exp(-0.5f * x * x);
  const float t = 1.0f / (1.0f + 0.3f * kInvSqrt2 * std::fabs(x));
  float p = -0.1304193343f;
  p = p * t + 0.4902051399f;
  p = p * t - 0.5225359624f;
  p = p * t + 0.5603273819f;
  p = p * t - 0.1040551482f;
  p = p * t + 0.219276235f;
  p = p * t + 0.1471231408f;
  p = p * t + 0.1709027154f;
  p = p * t + 0.1691758123f;
  const float tail = 0.5f * gauss * (t * p);  // beyond |x|
  return {x >= 0 ? 1.0f - tail : tail, kInvSqrt2Pi * gauss};
}

// ---- sums and maxima of a row. Lane l takes the terms l, l + 16, ...: a row of n numbers is
// summed in chains of n / 16, which is faster than one chain and more accurate.
constexpr Index kLanes = 16;
using Lanes = std::array<float, kLanes>;

inline float sum_of_lanes(const Lanes& lanes) {
  double sum = 0;
  for (const float lane : lanes) sum += lane;
  return static_cast<float>(sum);
}

// Sum of term(i), i = 0..n-1. term may write: it is called once for each i.
template <class Term>
float sum_terms(Index n, Term term) {
  Lanes lanes = {};
  Index i = 0;
  for (; i + kLanes <= n; i += kLanes)
#pragma omp simd
    for (Index l = 0; l < kLanes; ++l) lanes[static_cast<std::size_t>(l)] += term(i + l);
  for (Index l = 0; i + l < n; ++l) lanes[static_cast<std::size_t>(l)] += term(i + l);
  return sum_of_lanes(lanes);
}

inline float max_of(const float* x, Index n) {
  Lanes lanes;
  lanes.fill(-std::numeric_limits<float>::infinity());
  const auto take = [&](Index i, Index l) {
    float& lane = lanes[static_cast<std::size_t>(l)];
    lane = x[i] > lane ? x[i] : lane;
  };
  Index i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (Index l = 0; l < kLanes; ++l) take(i + l, l);
  for (Index l = 0; i + l < n; ++l) take(i + l, l);
  float max = lanes[0];
  for (const float lane : lanes) max = lane > max ? lane : max;
  return max;
}

// out[j] += sum of term(row, j) over the rows; four rows at a time, so that out is read and written
// a quarter as often. Vectors run across columns.
template <class Term>
void add_rows(float* out, Index rows, Index columns, Term term) {
  Index t = 0;
  for (; t + 4 <= rows; t += 4)
    for_each_index(columns, [=](Index j) {
      out[j] += (term(t, j) + term(t + 1, j)) + (term(t + 2, j) + term(t + 3, j));
    });
  for (; t < rows; ++t) for_each_index(columns, [=](Index j) { out[j] += term(t, j); });
}

}  // namespace shardpipe
