// v_half and v_min against their authors' code. The orders below are those that it makes, for each
// p all of m = p+2 .. 3p in a row: authors/compare.py runs it and compares action by action.
#include <algorithm>
#include <array>
#include <cstdint>

#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "core/schedule/messages.h"
#include "core/schedule/simulator.h"
#include "core/schedule/text.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// FNV-1a, 64 bits, of more text.
std::uint64_t hashed(std::uint64_t hash, const std::string& text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

struct Row {
  int p;
  double half_over_3m, min_over_3m;  // makespan - 3m, F = I = W = 1
  int half_chunks, min_chunks;       // held by the worst rank
  std::uint64_t half_orders, min_orders;
};

constexpr std::array kRows = {
    Row{2, 0.5, 1.5, 4, 4, 0x8ab2c0e338cbb571, 0x6546026448a3c955},
    Row{3, 2.5, 2.5, 4, 4, 0x3058171e0998cb6a, 0x1699af496548782a},
    Row{4, 2.5, 5.5, 6, 4, 0x26c1718de65b5f01, 0x10f13e3750608ebf},
    Row{5, 5.5, 7.5, 6, 6, 0x1068872a2fb88528, 0x0cffeedd08924f00},
    Row{6, 5.5, 8.5, 8, 6, 0xc57aefa9244be10d, 0xbcc9ad6fcc312e3d},
    Row{7, 8.5, 11.5, 8, 6, 0x907de58b85f34df0, 0x6abc954f83eeae16},
    Row{8, 8.5, 13.5, 10, 8, 0x5193e5e25eaa89f7, 0x6fd8383a295e74c7},
    Row{9, 11.5, 14.5, 10, 8, 0x028a07008ac5718e, 0x245011cb3cfe674a},
};

// Of one schedule, all sizes of a row.
void check_row(const char* name, int p, double over_3m, int chunks, std::uint64_t orders) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (int m = p + 2; m <= 3 * p; ++m) {
    INFO(name << " p=" << p << " m=" << m);
    const Schedule s = build_schedule(name, p, m, 2);
    CHECK(check_schedule(s) == "");
    CHECK(check_program(insert_messages(s)) == "");
    const Timing t = simulate(s, {});
    CHECK(t.makespan == 3 * m + over_3m);
    CHECK(*std::max_element(t.peak_in_flight.begin(), t.peak_in_flight.end()) == chunks);
    hash = hashed(hash, to_csv(s));
  }
  CHECK(hash == orders);
}

double excess(const char* name, int m, const Costs& c) {
  return simulate(build_schedule(name, 4, m, 2), c).makespan - m * (c.F + c.I + c.W);
}

}  // namespace

TEST_CASE("v_half and v_min make the orders, makespans and peaks of their authors' code") {
  for (const Row& row : kRows) {
    check_row("v_half", row.p, row.half_over_3m, row.half_chunks, row.half_orders);
    check_row("v_min", row.p, row.min_over_3m, row.min_chunks, row.min_orders);
  }
}

TEST_CASE("v_half keeps its excess over the work where no gradient is much slower than F") {
  for (const Costs& c : {Costs{1, 1, 1}, Costs{2, 2, 1}, Costs{3, 3, 2}, Costs{1, 1, 2},
                         Costs{1, 2, 1}, Costs{2, 1, 1}, Costs{1, 1.5, 0.5}, Costs{1, 3, 1}}) {
    INFO("F=" << c.F << " I=" << c.I << " W=" << c.W);
    const bool keeps = c.W + 2 * c.I >= 2 * c.F && c.W + 2 * c.F >= 2 * c.I;
    CHECK((excess("v_half", 32, c) == Approx(excess("v_half", 16, c))) == keeps);
  }
}

TEST_CASE("v_min's excess grows with m at most costs that differ") {
  CHECK(excess("v_min", 32, {}) == excess("v_min", 16, {}));
  CHECK(excess("v_min", 32, {1, 1, 2}) == excess("v_min", 16, {1, 1, 2}));
  for (const Costs& c : {Costs{2, 2, 1}, Costs{1, 2, 1}, Costs{2, 1, 1}, Costs{61, 73, 44}})
    CHECK(excess("v_min", 32, c) > excess("v_min", 16, c) + c.F);
}

TEST_CASE("squeezing many ranks leaves schedules whole") {
  for (const char* name : {"v_half", "v_min"}) {
    const Schedule s = build_schedule(name, 64, 128, 2);
    CHECK(check_schedule(s) == "");
  }
}

}  // namespace shardpipe
