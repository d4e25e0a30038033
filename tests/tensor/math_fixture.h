// What the tests of Math share: a device, numbers in f64, comparison with a bound for each element,
// and gradients by central differences of a reference in f64.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/base/random.h"
#include "core/tensor/math.h"
#include "tests/support/catch.h"
#include "tests/support/immediate_device.h"

namespace shardpipe {

using Numbers = std::vector<double>;

constexpr double kUnit = 0x1p-24;   // half a unit in the last place of f32, relative
constexpr double kExpError = 1e-7;  // of the vectorised exp, relative (activation_test.cc)

inline std::size_t at(Index i) { return static_cast<std::size_t>(i); }

// Signed, and exact in f32, so that the reference starts from the very same numbers.
inline Numbers random_numbers(Index n, std::uint64_t stream) {
  Numbers numbers(at(n));
  for (Index i = 0; i < n; ++i)
    numbers[at(i)] = static_cast<float>(random_normal(11, stream, static_cast<std::uint64_t>(i)));
  return numbers;
}

// Small signed integers: sums of their products are exact in f32.
inline Numbers integer_numbers(Index n, std::uint64_t stream) {
  Numbers numbers = random_numbers(n, stream);
  for (double& x : numbers) x = std::round(3 * x);
  return numbers;
}

struct MathFixture {
  ImmediateDevice device;
  CpuKernels kernels;
  Math math{kernels};
  std::unique_ptr<Stream> owner = device.make_stream("test");
  Stream& stream = *owner;

  Tensor fresh(Shape shape, DType dtype = DType::f32) { return Tensor(device, shape, dtype); }
  Tensor upload(Shape shape, const Numbers& numbers) {
    Tensor tensor = fresh(shape);
    math.upload(tensor, std::vector<float>(numbers.begin(), numbers.end()), stream);
    return tensor;
  }
  Tensor upload(Shape shape, const std::vector<std::int32_t>& numbers) {
    Tensor tensor = fresh(shape, DType::i32);
    math.upload(tensor, numbers, stream);
    return tensor;
  }
  Numbers host(const Tensor& tensor) {
    const std::vector<float> values = math.to_host(tensor, stream);
    return Numbers(values.begin(), values.end());
  }
  const OpInfo& last_op() const { return device.log().back(); }
};

// The largest |actual - expected| / bound: at most 1 where all is well. Infinite where sizes differ
// or a number is NaN.
inline double worst(const Numbers& actual, const Numbers& expected, const Numbers& bounds) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (actual.size() != expected.size() || bounds.size() != expected.size()) return infinity;
  double result = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double error = std::abs(actual[i] - expected[i]);
    if (std::isnan(error)) return infinity;
    if (error > 0) result = std::max(result, error / bounds[i]);
  }
  return result;
}

inline double worst(const Numbers& actual, const Numbers& expected, double relative,
                    double absolute = 0) {
  Numbers bounds;
  for (const double e : expected) bounds.push_back(relative * std::abs(e) + absolute);
  return worst(actual, expected, bounds);
}

inline double max_abs(const Numbers& numbers) {
  double max = 0;
  for (const double x : numbers) max = std::max(max, std::abs(x));
  return max;
}

// d(sum of dy f(x)) / dx. With h = 1e-4 and f in f64 its error is about h^2 f''' / 6 + 1e-12 / h,
// some 1e-8 for the functions tested here: kDifferenceError.
constexpr double kDifferenceError = 3e-8;

inline Numbers gradient(const std::function<Numbers(const Numbers&)>& f, Numbers x,
                        const Numbers& dy) {
  constexpr double kStep = 1e-4;
  Numbers dx;
  for (double& xi : x) {
    const double middle = xi;
    xi = middle + kStep;
    const Numbers above = f(x);
    xi = middle - kStep;
    const Numbers below = f(x);
    xi = middle;
    double sum = 0;
    for (std::size_t j = 0; j < dy.size(); ++j) sum += dy[j] * (above[j] - below[j]);
    dx.push_back(sum / (2 * kStep));
  }
  return dx;
}

inline Numbers sum_of(Numbers a, const Numbers& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

// The message of the Error that `f` throws; empty if it throws none.
inline std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace shardpipe
