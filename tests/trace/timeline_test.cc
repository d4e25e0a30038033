#include "core/trace/terminal_timeline.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/trace/stats.h"
#include "core/trace/units.h"
#include "tests/support/catch.h"
#include "tests/support/lines.h"
#include "tests/support/refuses.h"
#include "tests/trace/made_up.h"

namespace shardpipe {
namespace {

// Three ranks, 200 ns: forward 40 ns, a collective that waits for rank 2, backward over a second
// collective, then 60 % busy.
Trace small_trace() {
  Trace trace{
      .wall_ns = 200, .names = {"op"}, .groups = {{.id = 0, .axis = "tp", .ranks = {0, 1, 2}}}};
  for (std::int32_t rank = 0; rank < 3; ++rank) {
    const std::int64_t posted_ns = 40 + 10 * rank;
    const auto add = [&](int stream, OpKind kind, Phase phase, std::int64_t posted,
                         std::int64_t ready, std::int64_t end) {
      trace.spans.push_back({.lane = 2 * rank + stream,
                             .kind = kind,
                             .tags = {.phase = phase},
                             .posted_ns = posted,
                             .ready_ns = ready,
                             .end_ns = end,
                             .waits_for = rank < 2 && ready > posted ? 2 : -1});
    };
    for (std::int32_t stream = 0; stream < 2; ++stream) trace.lanes.push_back({rank, stream, ""});
    add(0, OpKind::compute, Phase::forward, 0, 0, posted_ns);
    add(0, OpKind::compute, Phase::backward, 80, 80, 160);
    for (int i = 0; i < 8; ++i)  // 60 % of the time
      add(0, OpKind::compute, Phase::optimizer, 160 + 5 * i, 160 + 5 * i, 163 + 5 * i);
    add(1, OpKind::all_reduce, Phase::forward, posted_ns, 60, 80);
    add(1, OpKind::all_reduce, Phase::backward, 100, 100, 130);
  }
  return trace;
}

}  // namespace

TEST_CASE("the picture of a small trace") {
  // 40 cells of 5 ns.
  const std::string ascii = draw_timeline(small_trace(), {.columns = 62, .unicode = false});
  CHECK(ascii == R"(measured, 3 ranks, 200 ns                                 busy
                |0 ns     |50 ns    |100 ns   |150 ns
rank 0  compute FFFFFFFF        BBBBBBBBBBBBBBBBooOooooO   72%
        comm            ....####    ======                 25%
rank 1  compute FFFFFFFFFF      BBBBBBBBBBBBBBBBooOooooO   77%
        comm              ..####    ======                 25%
rank 2  compute FFFFFFFFFFFF    BBBBBBBBBBBBBBBBooOooooO   82%
        comm                ####    ======                 25%
F forward   B backward   O other compute
# exposed communication   = hidden under compute
. waits for a rank   small, + or -: part of the time
)");
  const std::vector<std::string> unicode = lines_of(draw_timeline(small_trace(), {.columns = 62}));
  CHECK(unicode[2] == "rank 0  compute FFFFFFFF        BBBBBBBBBBBBBBBBooOooooO   72%");
  CHECK(unicode[3] == "        comm            ····▇▇▇▇    ▓▓▓▓▓▓                 25%");
  const std::vector<std::string> colour =
      lines_of(draw_timeline(small_trace(), {.columns = 62, .colour = true}));
  CHECK(colour[3] ==
        "        comm            \x1b[38;5;244m····\x1b[38;5;202m▇▇▇▇    \x1b[38;5;220m▇▇▇▇▇▇"
        "              \x1b[0m   25%");
}

TEST_CASE("no line is wider than asked, in any mode, whatever the trace") {
  for (const bool colour : {false, true})
    for (const bool unicode : {false, true})
      for (const int columns : {48, 61, 100, 237}) {
        const TimelineOptions options{.columns = columns, .colour = colour, .unicode = unicode};
        Trace trace = random_trace(5);
        trace.hardware = std::string(300, 'h');
        const std::string out =
            draw_timeline(trace, options) +
            draw_pair(std::string(50, 'a'), trace, "b", mlp_trace(true), options);
        for (const std::string& line : lines_of(out)) {
          INFO(line);
          CHECK(width_of(line) <= columns);
        }
        const bool is_ascii = std::all_of(
            out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
        CHECK(is_ascii == !unicode);
        CHECK((out.find('\x1b') != std::string::npos) == colour);
      }
}

TEST_CASE("the ink of a row is its busy time within one cell") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Trace trace = random_trace(seed);
    const TraceStats stats = statistics(trace);
    const std::vector<std::string> lines =
        lines_of(draw_timeline(trace, {.columns = 72, .unicode = false}));
    const std::size_t label = lines[2].find("compute ") + 8;
    const double cells = 72 - static_cast<double>(label) - 6;
    for (std::size_t rank = 0; rank < 3; ++rank) {
      INFO("seed " << seed << " rank " << rank);
      const auto ink = [&](std::size_t line, const std::string& full, const std::string& half) {
        double sum = 0;
        for (const char c : lines[line].substr(label, static_cast<std::size_t>(cells)))
          sum += full.find(c) != std::string::npos   ? 1
                 : half.find(c) != std::string::npos ? 0.5
                                                     : 0;
        return sum / cells * static_cast<double>(trace.wall_ns);
      };
      const RankTime& time = stats.ranks[rank];
      const double cell_ns = static_cast<double>(trace.wall_ns) / cells;
      CHECK(std::abs(ink(2 + 2 * rank, "FBIWO", "fbiwo") - static_cast<double>(time.compute_ns)) <=
            cell_ns);
      CHECK(std::abs(ink(3 + 2 * rank, "#=", "+-") -
                     static_cast<double>(time.exposed_comm_ns + time.overlapped_comm_ns)) <=
            cell_ns);
    }
  }
}

TEST_CASE("a stream 5 % busy in many short spans looks 5 % busy, not full and not empty") {
  Trace trace{.wall_ns = 1'000'000, .names = {"op"}, .lanes = {{0, 0, "compute"}}};
  for (std::int64_t i = 0; i < 1000; ++i)
    trace.spans.push_back({.tags = {.phase = Phase::forward},
                           .posted_ns = 1000 * i,
                           .ready_ns = 1000 * i,
                           .end_ns = 1000 * i + 50});
  const std::string row = lines_of(draw_timeline(trace, {.columns = 122, .unicode = false}))[2];
  CHECK(std::count(row.begin(), row.end(), 'f') == 10);  // 100 cells x 5 % at half a cell each
  CHECK(row.substr(row.size() - 4) == "  5%");
}

TEST_CASE("two traces share one scale, and naive shows more communication") {
  const Trace naive = mlp_trace(true), paired = mlp_trace(false);
  const std::vector<std::string> lines =
      lines_of(draw_pair("naive", naive, "paired", paired, {.unicode = false}));
  const auto count = [&](std::size_t line, char c) {
    return std::count(lines[line].begin(), lines[line].end(), c);
  };
  REQUIRE(lines.size() > 20);
  CHECK(lines[1] == lines[12]);  // the axes
  CHECK(count(3, '#') > 2 * count(14, '#'));
  CHECK(lines[13].find('|') != std::string::npos);  // paired ends here
  CHECK(lines[2].find('|') == std::string::npos);
  CHECK(lines.back() == "1.40x: naive 796.1 us, paired 568.1 us");
}

TEST_CASE("a part of the window is drawn with its own share of busy time") {
  const std::vector<std::string> lines = lines_of(draw_timeline(
      small_trace(), {.columns = 62, .unicode = false, .begin_ns = 80, .end_ns = 160}));
  CHECK(lines[1].find("|80 ns") == 16);
  CHECK(lines[2].substr(16, 40) == std::string(40, 'B'));
  CHECK(lines[2].substr(56) == "  100%");
}

TEST_CASE("too few columns and an impossible window are refused, an empty trace is drawn") {
  const auto refused = [](const char* words, const TimelineOptions& options) {
    return refuses(words, [&] { draw_timeline(small_trace(), options); });
  };
  int least = 30;
  while (refused("columns are too few: at least ", {.columns = least})) ++least;
  CHECK(refuses(text("at least ", least).c_str(),
                [&] { draw_timeline(small_trace(), {.columns = least - 1}); }));
  CHECK(!refused("", {.begin_ns = 0, .end_ns = 5}));
  CHECK(!refused("", {.begin_ns = 10, .end_ns = 10}));
  CHECK(refused("not end before it begins", {.begin_ns = 10, .end_ns = 9}));
  CHECK(refused("must begin at 0 or later", {.begin_ns = -1}));
  CHECK(draw_timeline(Trace{}, {}).find("0 ranks") != std::string::npos);
}

}  // namespace shardpipe
