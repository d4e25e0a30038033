#include "labs/grade/confirm.h"

#include <set>

#include "labs/grade/ending.h"
#include "labs/grade/error_map.h"

namespace shardpipe {
namespace {

constexpr double kTimeLimitS = 5;  // processes take turns where cores are few

// The first that differs, and how a run ended that did not come to its end.
void confirm_case(const DeviceCase& c, const std::string& device, RegionReport& report,
                  int& checks) {
  RunOptions options{.grid = c.grid, .time_limit_s = kTimeLimitS, .record_trace = false};
  options.make_kernels = c.make_kernels;
  ++checks;
  Difference difference;
  try {
    difference = compare(
        held_after(c, device.c_str(), options, device == "mpi" ? run_on_mpi : run_on_cuda), c);
  } catch (const Error& e) {
    if (e.code() == ExitCode::absent) throw;
    difference = {.said = ending_of(e, false).said};
    report.exit = e.code();
  }
  checks += difference.compared;
  if (difference.said.empty()) return;
  report.code = "DIFFERS";
  if (report.exit == ExitCode::success) report.exit = ExitCode::wrong;
  report.findings.push_back(text(difference.said, " (", c.name, ")"));
  if (report.picture.empty()) report.picture = difference.picture;
}

}  // namespace

std::vector<int> sizes_of(const std::vector<DeviceCase>& cases) {
  std::set<int> sizes;
  for (const DeviceCase& c : cases) sizes.insert(c.grid.ranks());
  return {sizes.begin(), sizes.end()};
}

GradeReport confirm_on(const std::string& device, const std::vector<DeviceCase>& cases) {
  RegionReport all{.code = "PASS"};
  GradeReport report{.device = device};
  for (const DeviceCase& c : cases) {
    // Its kernels, under which more is exact, are made for memory of the host.
    if (device == "cuda" && c.make_kernels) continue;
    confirm_case(c, device, all, report.checks);
  }
  report.regions = {all};
  return report;
}

}  // namespace shardpipe
