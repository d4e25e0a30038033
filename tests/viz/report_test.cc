// The report: what it says, and where the longest gaps are.
#include "viz/report/report.h"

#include "tests/support/catch.h"
#include "tests/trace/made_up.h"
#include "viz/model/gaps.h"
#include "viz/report/html.h"

namespace shardpipe::viz {
namespace {

std::size_t count(const std::string& page, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) ++n;
  return n;
}

std::unique_ptr<NamedModel> named(const std::string& name, Trace trace) {
  return std::make_unique<NamedModel>(NamedModel{name, TimelineModel(std::move(trace))});
}

}  // namespace

TEST_CASE("the longest gaps come first, and there is none longer") {
  const TimelineModel model(mlp_trace(true));
  const std::vector<Gap> all = longest_gaps(model.trace(), 1000),
                         few = longest_gaps(model.trace(), 3);
  REQUIRE(all.size() > 3);
  REQUIRE(few.size() == 3);
  std::int64_t idle_ns = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    idle_ns += all[i].length_ns();
    if (i > 0) CHECK(all[i].length_ns() <= all[i - 1].length_ns());
  }
  CHECK(idle_ns == model.stats().total.idle_ns);
  for (std::size_t i = 0; i < 3; ++i) CHECK(few[i].length_ns() == all[i].length_ns());
  const Gap& first = all[0];
  const Gap found = gap_at(model.ranks()[static_cast<std::size_t>(first.rank)],
                           static_cast<double>(first.begin_ns + first.end_ns) / 2);
  CHECK(found.begin_ns == first.begin_ns);
  CHECK(found.end_ns == first.end_ns);
}

TEST_CASE("a report has of each trace all parts, of each pair both pictures") {
  Report report;
  Trace odd = mlp_trace(false);
  odd.names[0] = "a<b>&\"c\"";
  report.traces.push_back(named("naive", mlp_trace(true)));
  report.traces.push_back(named("paired & <odd>", odd));
  report.pairs.emplace_back(0, 1);
  const std::string page = to_html(report);
  CHECK(count(page, "<svg ") == 3 * 2);  // light and dark
  CHECK(count(page, "</svg>") == 3 * 2);
  CHECK(count(page, "The longest gaps, and why") == 2);
  CHECK(count(page, "waits for rank 3") > 5);
  CHECK(count(page, "<th>if it took no time") == 2);
  CHECK(count(page, "predicted, ") == 0);  // both are modelled
  report.hardware = "laptop";
  Trace measured = mlp_trace(true);
  measured.clock = "measured";
  report.traces.push_back(named("measured", measured));
  CHECK(count(to_html(report), "predicted, laptop") == 1);
  CHECK(count(page, "class=\"bad\"") + count(page, "class=\"good\"") > 0);
  CHECK(count(page, "a<b>") == 0);
  CHECK(count(page, "<odd>") == 0);
  CHECK(count(page, "a&lt;b&gt;&amp;") > 0);
}

TEST_CASE("ranks that do the same are one row of a report, and 24 rows are shown unless asked") {
  // Ranks 2k and 2k + 1 do the same.
  Trace trace{.wall_ns = 1000, .names = {"op"}};
  for (int rank = 0; rank < 60; ++rank) {
    trace.lanes.push_back({rank, 0, "compute"});
    trace.spans.push_back({.lane = rank, .end_ns = 100 + rank / 2});
  }
  Report report;
  report.traces.push_back(named("sixty", trace));
  const std::string page = to_html(report);
  CHECK(count(page, "<td>ranks ") == 24);
  CHECK(count(page, "<td>ranks 46,47 (2)</td>") == 1);
  CHECK(count(page, "and 12 ranks more: --ranks 48-59") == 1);
  CHECK(count(page, ">ranks 0,1</text>") == 2);  // light and dark
  report.ranks = "50,58";
  const std::string few = to_html(report);
  CHECK(count(few, "<td>rank 50</td>") == 1);
  CHECK(count(few, "<td>rank 58</td>") == 1);
  CHECK(count(few, "<td>rank") == 2);
  CHECK(count(few, "ranks more") == 0);
}

TEST_CASE("a table in HTML has a head and as many cells as were given") {
  const Table table{.columns = {"x", "y"}, .rows = {{{"1", "<"}, Tone::bad}, {{"2", "3"}}}};
  const std::string page = table_html(table);
  CHECK(count(page, "<th>") == 2);
  CHECK(count(page, "<tr>") == 3);
  CHECK(count(page, "<td class=\"bad\">&lt;</td>") == 1);
}

}  // namespace shardpipe::viz
