// interleaved_1f1b in groups of N micro-batches: closed forms by N, and the N where none is said.
#include <algorithm>

#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "core/schedule/families.h"
#include "core/schedule/simulator.h"
#include "tests/support/catch.h"

namespace shardpipe {

// Whatever the group: the makespan is that of groups of p, and a group of N holds (v-1)(N-p) more.
TEST_CASE("interleaved_1f1b in groups of N") {
  int checked = 0;
  for (const int v : {2, 3})
    for (int p = 2; p <= 6; ++p)
      for (int m = p; m <= 20; ++m)
        for (int group = p; group <= m; ++group) {
          if (m % group != 0 && m % group < p) continue;
          const Schedule s = build_schedule("interleaved_1f1b", p, m, v, group);
          INFO("p=" << p << " m=" << m << " v=" << v << " N=" << group);
          CHECK(check_schedule(s) == "");
          for (const Costs& c : {Costs{1, 1, 1}, Costs{1, 3, 1}, Costs{2, 1, 1}})
            CHECK(simulate(s, c).makespan ==
                  Approx((m + (p - 1.0) / v) * (c.F + c.I + c.W)).epsilon(1e-12));
          const Timing t = simulate(s, {});
          for (int r = 0; r < p; ++r)
            CHECK(t.peak_in_flight[static_cast<std::size_t>(r)] ==
                  std::min(m * v, (v - 1) * group + 2 * (p - 1 - r) + 1));
          ++checked;
        }
  CHECK(checked > 200);
}

TEST_CASE("fewer micro-batches than ranks: each passes alone, and ranks wait") {
  for (const int v : {2, 3})
    for (int p = 2; p <= 8; ++p)
      for (int m = 1; m < p; ++m) {
        INFO("p=" << p << " m=" << m << " v=" << v);
        const double steps = p * v + m - 1;
        CHECK(simulate(build_schedule("interleaved_1f1b", p, m, v), {}).makespan ==
              Approx(steps * 3 / v));
      }
}

TEST_CASE("a larger group hides messages between chunks") {
  const auto makespan = [](int group, double latency) {
    return simulate(build_schedule("interleaved_1f1b", 4, 16, 2, group), {1, 1, 1, latency})
        .makespan;
  };
  CHECK(makespan(4, 0) == makespan(8, 0));
  CHECK(makespan(8, 0.5) < makespan(4, 0.5));
}

TEST_CASE("the group where none is said is torch's, where torch has one") {
  int torch_has_one = 0;
  for (int p = 1; p <= 8; ++p)
    for (int m = 1; m <= 64; ++m) {
      const int group = default_group(p, m), rounds = std::max(1, m / p);
      INFO("p=" << p << " m=" << m << " N=" << group);
      CHECK((m < p ? group == m : group >= p && (m % group == 0 || m % group >= p)));
      if (m % rounds != 0) continue;  // torch refuses
      CHECK(group == m / rounds);
      ++torch_has_one;
    }
  CHECK(torch_has_one > 100);
}

}  // namespace shardpipe
