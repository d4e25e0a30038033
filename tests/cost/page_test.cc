// docs/communication.md: what a sum and its halves cost on a machine whose switch adds. The table
// stands between <!-- computed: halves of a sum --> and <!-- end -->; LAB_UPDATE_TABLES=1
// ./build/test_cost rewrites it.
#include <cstdio>

#include "core/cost/hardware.h"
#include "tests/support/computed_page.h"

namespace shardpipe {
namespace {

constexpr int kRanks = 8;
constexpr double kBytes = 64 << 20;  // x of 4096 tokens, 8192 features, bf16

std::string us(double seconds) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.1f us", seconds * 1e6);
  return buffer;
}

// Collectives one after the other, each by this method.
std::string row(const std::string& name, const std::vector<OpKind>& kinds, const Method& method) {
  double all = 0, starts = 0;
  for (const OpKind kind : kinds) {
    all += collective_s(kind, method, kRanks, kBytes);
    starts += collective_s(kind, method, kRanks, 0);
  }
  return text("| ", name, " | ", us(starts), " | ", us(all - starts), " | ", us(all), " |\n");
}

std::string halves() {
  std::string out =
      "| 64 MiB on 8 ranks of 8xH100 | starts and steps | bytes | together |\n"
      "|---|---|---|---|\n";
  for (const Method& method : load_hardware("8xH100").inside.methods) {
    const std::string by = std::string("by `") + name_of(method.algorithm) + "`";
    out += row("all-reduce " + by, {OpKind::all_reduce}, method);
    if (has_traffic(OpKind::all_gather, method.algorithm))
      out += row("reduce-scatter and all-gather, both " + by,
                 {OpKind::reduce_scatter, OpKind::all_gather}, method);
  }
  return out;
}

}  // namespace

TEST_CASE("docs/communication.md says what a sum and its halves cost") {
  check_page("communication.md", 1, [](const std::string& what) {
    if (what == "halves of a sum") return halves();
    throw std::invalid_argument("docs/communication.md: computed: " + what);
  });
}

}  // namespace shardpipe
