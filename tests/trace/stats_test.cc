#include "core/trace/stats.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "core/trace/units.h"
#include "tests/support/catch.h"
#include "tests/trace/made_up.h"

namespace shardpipe {
namespace {

// To the last bits of a double.
bool close(double a, double b) { return std::abs(a - b) <= 1e-12 * std::abs(b); }

struct Reference {
  std::int64_t compute = 0, exposed = 0, overlapped = 0, idle = 0;
  std::map<std::string, std::int64_t> causes = {};
};

// What covers nanosecond [at, at + 1) of a rank, by looking at every span.
struct Moment {
  bool computes = false, communicates = false, waits = false;
  int waits_for = -1;
  bool is_busy() const { return computes || communicates || waits; }
};

Moment moment(const Trace& trace, int rank, std::int64_t at) {
  Moment now;
  for (const Span& span : trace.spans) {
    if (trace.lanes[static_cast<std::size_t>(span.lane)].rank != rank) continue;
    const bool is_waiting = span.posted_ns <= at && at < span.ready_ns;
    const bool is_busy = span.ready_ns <= at && at < span.end_ns;
    if (is_busy) (span.kind == OpKind::compute ? now.computes : now.communicates) = true;
    if (!is_waiting) continue;
    now.waits = true;
    if (span.waits_for >= 0 && (now.waits_for < 0 || span.waits_for < now.waits_for))
      now.waits_for = span.waits_for;
  }
  return now;
}

Reference reference(const Trace& trace, int rank) {
  Reference r;
  std::int64_t first = trace.wall_ns, last = -1;
  for (std::int64_t at = 0; at < trace.wall_ns; ++at)
    if (moment(trace, rank, at).is_busy()) {
      first = std::min(first, at);
      last = at;
    }
  for (std::int64_t at = 0; at < trace.wall_ns; ++at) {
    const Moment now = moment(trace, rank, at);
    if (now.computes) {
      ++r.compute;
      r.overlapped += now.communicates;
    } else if (now.communicates) {
      ++r.exposed;
    } else {
      ++r.idle;
      ++r.causes[now.waits_for >= 0 ? "waits for rank " + std::to_string(now.waits_for)
                 : now.waits        ? "waits for another rank"
                 : at < first       ? "before first operation"
                 : at > last        ? "after last operation"
                                    : "between operations"];
    }
  }
  return r;
}

Span span(int lane, OpKind kind, std::int64_t posted_ns, std::int64_t ready_ns, std::int64_t end_ns,
          std::int64_t bytes) {
  return {.lane = lane,
          .group = kind == OpKind::compute ? -1 : 0,
          .kind = kind,
          .bytes = bytes,
          .posted_ns = posted_ns,
          .ready_ns = ready_ns,
          .end_ns = end_ns};
}

}  // namespace

TEST_CASE("figures equal those of a count of every nanosecond, and add up to the wall") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Trace trace = random_trace(seed);
    const TraceStats stats = statistics(trace);
    REQUIRE(stats.ranks.size() == 3);
    std::map<std::string, std::int64_t> all_causes;
    for (int rank = 0; rank < 3; ++rank) {
      INFO("seed " << seed << " rank " << rank);
      const RankTime& time = stats.ranks[static_cast<std::size_t>(rank)];
      const Reference expected = reference(trace, rank);
      CHECK(time.compute_ns == expected.compute);
      CHECK(time.exposed_comm_ns == expected.exposed);
      CHECK(time.overlapped_comm_ns == expected.overlapped);
      CHECK(time.idle_ns == expected.idle);
      CHECK(time.compute_ns + time.exposed_comm_ns + time.idle_ns == trace.wall_ns);
      std::map<std::string, std::int64_t> causes;
      for (const IdleCause& cause : time.idle_causes) causes[cause.cause] += cause.ns;
      CHECK(causes == expected.causes);
      for (const auto& [cause, ns] : expected.causes) all_causes[cause] += ns;
    }
    CHECK(stats.total.compute_ns + stats.total.exposed_comm_ns + stats.total.idle_ns ==
          3 * trace.wall_ns);
    std::map<std::string, std::int64_t> causes;
    for (const IdleCause& cause : stats.total.idle_causes) causes[cause.cause] += cause.ns;
    CHECK(causes == all_causes);
  }
}

TEST_CASE("bus bandwidth is that of nccl-tests") {
  CHECK(close(bus_factor(OpKind::all_reduce, 4), 1.5));
  CHECK(close(bus_factor(OpKind::all_gather, 3), 2.0 / 3));
  CHECK(close(bus_factor(OpKind::reduce_scatter, 8), 7.0 / 8));
  CHECK(bus_factor(OpKind::broadcast, 5) == 1);
  CHECK(bus_factor(OpKind::exchange, 5) == 1);

  Trace trace{.wall_ns = 1000,
              .names = {""},
              .groups = {{.id = 0, .axis = "tp", .ranks = {0, 1, 2}}},
              .lanes = {{0, 0, ""}, {1, 0, ""}, {2, 0, ""}}};
  trace.spans = {span(0, OpKind::all_reduce, 0, 100, 200, 600),
                 span(1, OpKind::all_reduce, 90, 100, 200, 600),
                 span(1, OpKind::all_reduce, 300, 300, 500, 900),
                 span(2, OpKind::all_reduce, 100, 100, 200, 600)};
  const TraceStats stats = statistics(trace);
  REQUIRE(stats.collectives.size() == 1);
  const CollectiveStats& row = stats.collectives[0];
  CHECK(row.group == "tp");
  CHECK(row.calls == 2);  // rank 1 entered most
  CHECK(row.bytes == 1500);
  CHECK(row.busy_ns == 300);  // waiting is not busy
  CHECK(close(row.algbw_bytes_per_s(), 1500 / 300e-9));
  CHECK(close(row.busbw_bytes_per_s(), 1500 / 300e-9 * 4 / 3));
}

TEST_CASE("JSON has the promised keys, and an operation never busy has no bandwidth") {
  Trace trace{.clock = "modelled",
              .wall_ns = 100,
              .names = {"x"},
              .groups = {{.id = 0, .axis = "dp", .ranks = {0, 1, 2}}},
              .lanes = {{0, 0, ""}, {1, 0, ""}, {2, 0, ""}}};
  trace.spans = {span(0, OpKind::compute, 20, 20, 50, 0), span(1, OpKind::barrier, 10, 10, 10, 0)};
  const auto json = nlohmann::json::parse(to_json(statistics(trace), trace).dump());
  CHECK(json.at("clock") == "modelled");
  CHECK(close(json.at("wall_s").get<double>(), 100e-9));
  REQUIRE(json.at("ranks").size() == 3);
  CHECK(json["ranks"][0].at("rank") == 0);
  CHECK(close(json["ranks"][0].at("compute_s").get<double>(), 30e-9));
  CHECK(close(json["ranks"][0].at("idle_s").get<double>(), 70e-9));
  CHECK(json["ranks"][2].at("exposed_comm_s") == 0);
  CHECK(json["ranks"][2].at("overlapped_comm_s") == 0);
  REQUIRE(json.at("collectives").size() == 1);
  CHECK(json["collectives"][0].at("group") == "dp");
  CHECK(json["collectives"][0].at("kind") == "barrier");
  CHECK(json["collectives"][0].at("calls") == 1);
  CHECK(json["collectives"][0].at("bytes") == 0);
  CHECK(json["collectives"][0].at("busy_s") == 0);
  CHECK(json["collectives"][0].at("busbw_bytes_per_s").is_null());
  REQUIRE(json.at("critical_path").size() == 1);
  CHECK(json["critical_path"][0].at("name") == "x");
  CHECK(close(json["critical_path"][0].at("end_s").get<double>(), 50e-9));
  double idle_s = 0;
  for (const auto& cause : json.at("idle_causes")) idle_s += cause.at("s").get<double>();
  CHECK(close(idle_s, 270e-9));
}

TEST_CASE("naive waits for communication, overlapped communication lies under compute") {
  const Trace naive = mlp_trace(true), paired = mlp_trace(false);
  const TraceStats a = statistics(naive), b = statistics(paired);
  CHECK(a.total.compute_ns == b.total.compute_ns);
  CHECK(a.total.overlapped_comm_ns == 0);
  CHECK(b.total.overlapped_comm_ns == 4 * 4 * 9'000);  // four layers, four ranks
  CHECK(a.total.exposed_comm_ns > b.total.exposed_comm_ns);
}

TEST_CASE("tables are at most 100 columns wide and name what they show") {
  Trace trace = random_trace(3);
  trace.hardware = std::string(200, 'h');
  trace.names[1] = std::string(200, 'n') + "\n";
  trace.groups[0].axis = std::string(100, 'g');
  const std::string out = to_text(statistics(trace), trace);
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(width_of(line) <= 100);
  }
  for (const char* word : {"rank 2", "exposed comm", "waits for rank", "busbw", "critical path"})
    CHECK(out.find(word) != std::string::npos);
}

TEST_CASE("a trace of nothing has figures of nothing") {
  const TraceStats stats = statistics(Trace{});
  CHECK(stats.ranks.empty());
  CHECK(stats.critical_path.empty());
  CHECK_FALSE(to_text(stats, Trace{}).empty());
}

}  // namespace shardpipe
