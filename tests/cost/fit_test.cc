// The profiles against published measurements: how far off the model is, that its figures are the
// best of their kind, and that docs/cost_model.md says so.
//   build/test_cost "[summary]"   prints the table of docs/cost_model.md
//   build/test_cost "[ratios]"    prints every row
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/base/error.h"
#include "core/cost/fit.h"
#include "core/cost/roofline.h"
#include "tests/cost/measurements.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

namespace shardpipe {
namespace {

std::string two_decimals(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.2f", value);
  return digits;
}

std::string summary() {
  std::string table =
      "| measured on | profile | operation | ranks | rows | median factor | worst factor |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const Agreement& a : agreements(read_measurements()))
    table += text("| ", a.machine, " | ", a.profile, " | ", name_of(a.kind), " | ", a.ranks, " | ",
                  a.ratios.size(), " | ", two_decimals(a.median_factor()), " | ",
                  two_decimals(a.worst_factor()), " |\n");
  return table;
}

AlphaBeta fit_messages(const std::string& machine) {
  std::vector<TimedSize> messages;
  for (const Measurement& m : read_measurements())
    if (m.machine == machine) messages.push_back({m.bytes, m.seconds});
  return fit_alpha_beta(messages);
}

// Root mean square of log(predicted / measured) over the collectives of one profile.
double error_of(const Hardware& hardware, const std::string& profile) {
  double squares = 0;
  int rows = 0;
  for (const Measurement& m : read_measurements()) {
    if (m.profile != profile || m.kind != OpKind::all_reduce) continue;
    const double e = std::log(predicted_s(m, hardware) / m.seconds);
    squares += e * e;
    ++rows;
  }
  REQUIRE(rows > 10);
  return std::sqrt(squares / rows);
}

}  // namespace

TEST_CASE("inside a node the model is within 25 % of every published collective") {
  int rows = 0;
  for (const Agreement& a : agreements(read_measurements())) {
    if (a.profile != "8xA100" && a.profile != "8xH100") continue;
    INFO(a.machine << ", " << name_of(a.kind));
    CHECK(a.worst_factor() < 1.25);
    CHECK(a.median_factor() < 1.15);
    rows += static_cast<int>(a.ratios.size());
  }
  CHECK(rows == 75);
}

TEST_CASE("between nodes messages are within 10 %, collectives within a factor of 2") {
  int rows = 0;
  for (const Agreement& a : agreements(read_measurements())) {
    if (a.profile == "8xA100" || a.profile == "8xH100") continue;
    INFO(a.machine << ", " << name_of(a.kind));
    CHECK(a.worst_factor() < (a.kind == OpKind::exchange ? 1.10 : 2.0));
    rows += static_cast<int>(a.ratios.size());
  }
  CHECK(rows == 12);
}

TEST_CASE("latency and bandwidth of a message are the least-squares fit of the published ones") {
  const auto check = [](const std::string& machine, const Link& link) {
    const AlphaBeta line = fit_messages(machine);
    INFO(machine << ": " << line.latency_s << " s, " << line.bytes_per_s << " bytes/s");
    CHECK(link.latency_s == Approx(line.latency_s).epsilon(0.02));
    CHECK(link.bytes_per_s == Approx(line.bytes_per_s).epsilon(0.02));
  };
  check("A100 DGX intra-node", hardware_of("8xA100").inside);
  check("H100 DGX intra-node", hardware_of("8xH100").inside);
  check("H100 DGX inter-node", hardware_of("2x8xH100").between);
  check("A100 DGX inter-node", hardware_of("two_nodes_A100").between);
}

TEST_CASE("the fit finds the line it was given, and the better one where relative errors count") {
  const AlphaBeta exact = fit_alpha_beta({{1e3, 2e-6 + 1e-8}, {1e6, 2e-6 + 1e-5}, {1e8, 1.002e-3}});
  CHECK(exact.latency_s == Approx(2e-6));
  CHECK(exact.bytes_per_s == Approx(1e11));
  // 10 % more at the largest size moves the latency of the smallest one by far less than 10 % of
  // it.
  const AlphaBeta noisy = fit_alpha_beta({{1e3, 2e-6 + 1e-8}, {1e6, 2e-6 + 1e-5}, {1e8, 1.1e-3}});
  CHECK(noisy.latency_s == Approx(2e-6).epsilon(0.02));
  CHECK(noisy.bytes_per_s < 1e11);
  CHECK_THROWS_AS(fit_alpha_beta({{1e3, 1e-6}, {1e3, 2e-6}}), Error);
}

TEST_CASE("the bandwidth of a message agrees with one measured apart") {
  int rows = 0;
  for (const Measurement& m : read_measurements()) {
    if (m.bytes != 0) continue;
    INFO(m.machine);
    CHECK(hardware_of(m.profile).inside.bytes_per_s * m.seconds == Approx(1).epsilon(0.10));
    ++rows;
  }
  CHECK(rows == 2);
}

TEST_CASE("no single figure of the collectives could be changed for a clearly better fit") {
  for (const std::string profile : {"8xA100", "8xH100"}) {
    const Hardware fitted = hardware_of(profile);
    const double error = error_of(fitted, profile);
    for (std::size_t i = 0; i < fitted.inside.methods.size(); ++i)
      for (double Method::*figure : {&Method::base_s, &Method::step_s, &Method::bytes_per_s})
        for (const double factor : {0.8, 1.25}) {
          Hardware changed = fitted;
          changed.inside.methods[i].*figure *= factor;
          INFO(profile << ", method " << i << ", times " << factor);
          CHECK(error_of(changed, profile) > error - 0.002);
        }
  }
}

TEST_CASE("docs/cost_model.md holds the table of this program") {
  std::stringstream page;
  page << std::ifstream(in_source("docs/cost_model.md")).rdbuf();
  INFO("the page lacks:\n" << summary());
  CHECK(page.str().find(summary()) != std::string::npos);
}

TEST_CASE("the table of docs/cost_model.md", "[.][summary]") { std::cout << summary(); }

TEST_CASE("every published row and the model", "[.][ratios]") {
  for (const Measurement& m : read_measurements()) {
    if (m.bytes == 0) continue;
    const double s = predicted_s(m, hardware_of(m.profile));
    std::printf("%-40s %-14s n=%-3d %12.0f bytes %10.1f us, model %10.1f us, ratio %.2f\n",
                m.machine.c_str(), name_of(m.kind), m.ranks, m.bytes, m.seconds * 1e6, s * 1e6,
                s / m.seconds);
  }
}

}  // namespace shardpipe
