#include "labs/fills.h"

#include <cmath>

#include "core/base/random.h"

namespace shardpipe {

Fill uniform_fill(std::uint64_t seed, double scale) {
  return [=](const std::string& name, Index i) {
    return static_cast<float>(
        scale * (2 * random_uniform(seed, stream_of(name), static_cast<std::uint64_t>(i)) - 1));
  };
}

Fill integer_fill(std::uint64_t seed) {
  return [=](const std::string& name, Index i) {
    return static_cast<float>(
        static_cast<int>(random_bits(seed, stream_of(name), static_cast<std::uint64_t>(i)) % 7) -
        3);
  };
}

Tensor make_input(RankContext& ctx, const std::string& name, Index rows, Index columns, DType dtype,
                  const Fill& fill) {
  Tensor x(ctx.device, {rows, columns}, dtype);
  std::vector<float> values;
  if (ctx.device.has_numbers()) {
    values.reserve(static_cast<std::size_t>(rows * columns));
    for (Index i = 0; i < rows * columns; ++i) values.push_back(fill(name, i));
    ctx.math.upload(x, values, ctx.compute);
  } else {
    ctx.math.fill(x, 0, ctx.compute);
  }
  return x;
}

}  // namespace shardpipe
