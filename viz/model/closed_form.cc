#include "viz/model/closed_form.h"

#include <cmath>

#include "core/base/error.h"

namespace shardpipe::viz {

std::optional<ClosedForm> closed_form(const Schedule& s, const Costs& c) {
  const double p = s.num_ranks(), m = s.microbatches, v = s.chunks;
  const double all = c.F + c.I + c.W;
  const bool are_equal = c.F == c.I && c.I == c.W, is_free = c.C == 0;
  if (s.name == "naive")
    return ClosedForm{"m (p (F + I + W) + 2 (p - 1) C)", m * (p * all + 2 * (p - 1) * c.C)};
  if (s.name == "gpipe")
    return ClosedForm{"(m + p - 1)(F + I + W) + 2 (p - 1) C",
                      (m + p - 1) * all + 2 * (p - 1) * c.C};
  if (s.name == "forward_only")
    return ClosedForm{"(m + p - 1) F + (p - 1) C", (m + p - 1) * c.F + (p - 1) * c.C};
  if (s.name == "1f1b" && !is_free && p > 1) {  // one round trip in p micro-batches is hidden
    const double exposed = 2 * (p - 1) + 2 * ((m - 1) - std::ceil((m - 1) / p));
    return ClosedForm{"(m + p - 1)(F + I + W) + 2 C (p + m - 2 - ceil((m - 1) / p))",
                      (m + p - 1) * all + c.C * exposed};
  }
  if ((s.name == "1f1b" || s.name == "eager_1f1b") && is_free)
    return ClosedForm{"(m + p - 1)(F + I + W)", (m + p - 1) * all};
  if ((s.name == "interleaved_1f1b" || s.name == "looped_bfs") && is_free && m >= p)
    return ClosedForm{"(m + (p - 1) / v)(F + I + W)", (m + (p - 1) / v) * all};
  if (s.name == "zb_h1" && is_free && m >= p && c.W <= c.F && c.W <= c.I)
    return ClosedForm{"m (F + I + W) + (p - 1)(F + I - W)", m * all + (p - 1) * (c.F + c.I - c.W)};
  if (s.name == "zb_h2" && is_free && are_equal)
    return ClosedForm{"m (F + I + W) + (p - 1) F", m * all + (p - 1) * c.F};
  if (s.name == "zb_v" && is_free && are_equal)
    return ClosedForm{"m (F + I + W) + (p - 1) F / 2", m * all + (p - 1) * c.F / 2};
  const bool is_even = s.num_ranks() % 2 == 0, has_third = s.num_ranks() % 3 == 0;
  if (s.name == "v_half" && is_free && are_equal && p > 2)
    return ClosedForm{text("m (F + I + W) + (3 p - ", is_even ? 7 : 4, ") F / 2"),
                      m * all + (3 * p - (is_even ? 7 : 4)) * c.F / 2};
  if (s.name == "v_min" && is_free && are_equal && p > 1)
    return ClosedForm{text("m (F + I + W) + (4 p - ", has_third ? 7 : 5, ") F / 2"),
                      m * all + (4 * p - (has_third ? 7 : 5)) * c.F / 2};
  return {};
}

}  // namespace shardpipe::viz
