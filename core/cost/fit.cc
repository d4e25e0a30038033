#include "core/cost/fit.h"

#include <limits>

#include "core/base/error.h"

namespace shardpipe {

AlphaBeta fit_alpha_beta(const std::vector<TimedSize>& measured) {
  // Normal equations of min sum ((a + b S) / t - 1)^2 = min sum (a x + b y - 1)^2.
  double xx = 0, xy = 0, yy = 0, sum_x = 0, sum_y = 0;
  for (const TimedSize& m : measured) {
    const double x = 1 / m.seconds, y = m.bytes / m.seconds;
    xx += x * x, xy += x * y, yy += y * y, sum_x += x, sum_y += y;
  }
  const double determinant = xx * yy - xy * xy;
  // Zero but for rounding, if all sizes are the same.
  if (!(determinant > 1e-12 * xx * yy))
    fail(ExitCode::fault, "fit_alpha_beta: needs times of two sizes or more");
  const double beta = (xx * sum_y - xy * sum_x) / determinant;
  return {.latency_s = (sum_x * yy - sum_y * xy) / determinant,
          .bytes_per_s = beta > 0 ? 1 / beta : std::numeric_limits<double>::infinity()};
}

}  // namespace shardpipe
