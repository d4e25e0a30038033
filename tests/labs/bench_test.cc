// lab bench collectives: definitions of its figures, and what its tables and pictures hold.
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/collectives/choose.h"
#include "labs/bench/collectives_report.h"
#include "labs/bench/rivals.h"
#include "tests/support/catch.h"
#include "tests/support/refuses.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

CollectiveBench modelled(OpKind kind, int ranks, const std::string& hardware) {
  return {.kind = kind,
          .ranks = ranks,
          .device = "modelled",
          .hardware = hardware,
          .max_bytes = kMostBytes};
}

std::size_t count(const std::string& words, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = words.find(word); at != std::string::npos; at = words.find(word, at + 1))
    ++n;
  return n;
}

}  // namespace

TEST_CASE("bench: bus bandwidth is that of nccl-tests") {
  for (const auto& [kind, factor] :
       {std::pair{OpKind::all_reduce, 2 * 7.0 / 8}, std::pair{OpKind::all_gather, 7.0 / 8},
        std::pair{OpKind::reduce_scatter, 7.0 / 8}}) {
    const auto json = nlohmann::json::parse(to_json(run_bench(modelled(kind, 8, "8xH100"))).dump());
    CHECK(json["clock"] == "modelled");
    for (const auto& algorithm : json["algorithms"])
      for (const auto& point : algorithm["points"]) {
        const double algbw = point["algbw_bytes_per_s"];
        CHECK(algbw == Approx(point["bytes"].get<double>() / point["time_s"].get<double>()));
        CHECK(point["busbw_bytes_per_s"].get<double>() == Approx(factor * algbw));
      }
  }
}

TEST_CASE("bench: modelled times are the predicted ones") {
  const Hardware hardware = load_hardware("8xH100");
  const CollectiveSweep sweep = run_bench(modelled(OpKind::all_reduce, 8, "8xH100"));
  REQUIRE(sweep.algorithms.size() == 1 + flat_all_reduce_algorithms().size());
  for (const AlgorithmTimes& a : sweep.algorithms) {
    if (a.name == "native" || a.name == "two_tree") continue;
    for (const TimedSize& p : a.points) {
      INFO(a.name << ", " << p.bytes << " bytes");
      CHECK(p.seconds == Approx(predicted_s(parse_all_reduce_algorithm(a.name), hardware, {8, 1, 8},
                                            p.bytes, DType::f32))
                             .epsilon(1e-3));
    }
  }
}

TEST_CASE("bench: no line is longer than 100 columns; every algorithm has its rows and its curve") {
  for (const CollectiveBench& bench : {modelled(OpKind::all_reduce, 16, "2x8xH100"),
                                       modelled(OpKind::reduce_scatter, 3, "8xH100")}) {
    const CollectiveSweep sweep = run_bench(bench);
    const std::string words = to_text(sweep), svg = svg_plot(sweep);
    std::istringstream lines(words);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
    for (const AlgorithmTimes& a : sweep.algorithms) CHECK(count(words, "\n" + a.name + " ") >= 4);
    CHECK(count(svg, "<polyline") == sweep.algorithms.size());
    CHECK(svg.find("nan") == std::string::npos);
    CHECK(words.find("modelled on " + bench.hardware) != std::string::npos);
  }
}

TEST_CASE("bench: measured on cpu") {
  CollectiveBench bench{.ranks = 3, .max_bytes = 4096};
  const CollectiveSweep sweep = run_bench(bench);
  CHECK(sweep.clock() == "measured here");
  for (const AlgorithmTimes& a : sweep.algorithms) {
    REQUIRE(a.points.size() == 2);
    CHECK(a.points[0].bytes == 1020);  // 255 elements: three parts of 85
    CHECK(a.points[0].seconds > 0);
  }
  bench.ranks = 1;
  CHECK(lacks(usage_message([&] { run_bench(bench); }), {"--ranks 1"}) == "");
}

TEST_CASE("bench: other libraries stand beside ours, size by size, or a line says why not") {
  CollectiveSweep sweep = run_bench(modelled(OpKind::all_reduce, 8, "8xH100"));
  const std::vector<TimedSize>& ours = sweep.algorithms[0].points;
  std::string lines;
  for (const TimedSize& p : ours)
    lines += text(static_cast<std::int64_t>(p.bytes) / 4, " ", 2 * p.seconds, "\n");
  const auto points = parse_times(lines, ours);
  REQUIRE(points.size() == ours.size());
  CHECK(parse_times(lines.substr(0, lines.size() / 2), ours).empty());
  CHECK(parse_times("mpirun was unable to start", ours).empty());
  std::vector<TimedSize> others = ours;
  others[0].bytes *= 2;
  CHECK(parse_times(lines, others).empty());

  add_rivals(sweep);  // a modelled sweep has none
  CHECK(sweep.rivals.empty());
  CHECK(sweep.notes.empty());
  sweep.rivals.push_back({.name = "mpi", .points = points});
  sweep.notes.push_back("gloo: not compared");
  const std::string words = to_text(sweep);
  const std::size_t row = words.find("mpi / native");
  REQUIRE(row != std::string::npos);
  const std::string ratios = words.substr(row, words.find('\n', row) - row);
  CHECK(count(ratios, "      2") == ours.size());
  CHECK(words.find("gloo: not compared\n") != std::string::npos);
  const auto json = nlohmann::json::parse(to_json(sweep).dump());
  CHECK(json["rivals"][0]["name"] == "mpi");
  CHECK(json["rivals"][0]["points"].size() == ours.size());
  CHECK(json["notes"][0] == "gloo: not compared");
}

TEST_CASE("bench: ranks and sizes on a bound, and one step beyond") {
  const auto refused = [](const char* words, const CollectiveBench& bench) {
    return refuses(words, [&] { check_bench(bench); });
  };
  CHECK(!refused("", {.ranks = 2, .max_bytes = 4 * kLeastBytes}));
  CHECK(refused("--ranks 1 must be at least 2", {.ranks = 1}));
  CHECK(refused("must be in 4096..1073741824", {.ranks = 2, .max_bytes = 4 * kLeastBytes - 1}));
  CHECK(!refused("", {.ranks = 2, .device = "modelled", .max_bytes = kMostBytes}));
  CHECK(refused("must be in 4096..1073741824",
                {.ranks = 2, .device = "modelled", .max_bytes = kMostBytes + 1}));
  CHECK(!refused("", {.ranks = 64, .max_bytes = 4096}));
  CHECK(refused("runs up to 64 ranks, not 65", {.ranks = 65, .max_bytes = 4096}));
  CHECK(refused("at least 16 times --ranks 257", {.ranks = 257, .max_bytes = 4096}));
  CHECK(refused("runs up to 64 ranks, not 256", {.ranks = 256, .max_bytes = 4096}));
  CHECK(!refused("", {.ranks = 8, .device = "modelled", .hardware = "8xH100"}));
  CHECK(refused("9 ranks do not fit", {.ranks = 9, .device = "modelled", .hardware = "8xH100"}));
}

}  // namespace shardpipe
