// Two traces: which span is whose like, what the table says, that both lie on one axis.
#include "viz/model/comparison.h"

#include <algorithm>
#include <cmath>

#include "tests/support/catch.h"
#include "tests/trace/made_up.h"
#include "tests/viz/recording_canvas.h"
#include "viz/draw/comparison_page.h"

namespace shardpipe::viz {
namespace {

const Comparison::Line& line(const std::vector<Comparison::Line>& lines, const std::string& name) {
  const auto found =
      std::find_if(lines.begin(), lines.end(), [&](const auto& l) { return l.name == name; });
  REQUIRE(found != lines.end());
  return *found;
}

}  // namespace

TEST_CASE("a trace and itself differ in nothing") {
  const TimelineModel model(mlp_trace(true));
  const Comparison same = compare(model, model);
  CHECK(same.matched == static_cast<std::int64_t>(model.trace().spans.size()));
  CHECK(std::all_of(same.changes.begin(), same.changes.end(),
                    [](Change c) { return c == Change::same; }));
  for (const auto& l : same.operations) CHECK(l.difference_ns() == 0);
  CHECK(same.shift_ns == 0);
}

TEST_CASE("a span is compared with its like, wherever it runs") {
  const Trace a = mlp_trace(true);
  Trace b = a;
  // Every span later by 1 us; one twice as long; one of a new name.
  for (Span& s : b.spans) {
    s.posted_ns += 1000;
    s.ready_ns += 1000;
    s.end_ns += 1000;
  }
  b.spans[3].end_ns += b.spans[3].busy_ns();
  b.names.push_back("new");
  b.spans[7].name = static_cast<std::int32_t>(b.names.size() - 1);
  const Comparison c = compare(TimelineModel(a), TimelineModel(b));
  for (std::size_t i = 0; i < c.changes.size(); ++i) {
    INFO(i);
    CHECK(c.changes[i] == (i == 3 ? Change::longer : i == 7 ? Change::only_here : Change::same));
  }
  CHECK(c.shift_ns == -1000);
}

TEST_CASE("the table has the means of trace stats, and the largest differences first") {
  const TimelineModel a(mlp_trace(true)), b(mlp_trace(false));
  const Comparison c = compare(a, b);
  CHECK(line(c.times, "wall").a_ns == static_cast<double>(a.stats().wall_ns));
  CHECK(line(c.times, "compute").b_ns * 4 ==
        Approx(static_cast<double>(b.stats().total.compute_ns)));
  CHECK(line(c.times, "idle").a_ns * 4 == Approx(static_cast<double>(a.stats().total.idle_ns)));
  const double wall = line(c.times, "wall").a_ns;
  CHECK(line(c.times, "compute").a_ns + line(c.times, "exposed communication").a_ns +
            line(c.times, "idle").a_ns ==
        Approx(wall));
  for (std::size_t i = 1; i < c.operations.size(); ++i)
    CHECK(std::fabs(c.operations[i].difference_ns()) <=
          std::fabs(c.operations[i - 1].difference_ns()));
  CHECK(verdict(c, "naive", "paired").find("paired is ") == 0);
  CHECK(verdict(c, "naive", "paired").find("faster than naive") != std::string::npos);
}

TEST_CASE("both traces lie on one axis, first steps together") {
  const Trace trace = mlp_trace(true);
  Trace late = trace;
  for (Span& s : late.spans) {
    s.posted_ns += 50'000;
    s.ready_ns += 50'000;
    s.end_ns += 50'000;
  }
  const TimelineModel a(trace), b(late);
  const Comparison comparison = compare(a, b);
  const std::string name_a = "a", name_b = "b";
  TimelineView view;
  view.range = {0, static_cast<double>(a.end_ns())};
  TimelineView view_b = view;
  view_b.range = shifted(view.range, comparison);
  RecordingCanvas canvas;
  const ComparedFrames frames = paint_comparison(canvas, {a, b, name_a, name_b, comparison}, view,
                                                 view_b, {0, 0, 1400, 900}, Metrics{});
  CHECK(canvas.is_balanced);
  CHECK(frames.a.x_of(trace.spans[4].ready_ns) == frames.b.x_of(late.spans[4].ready_ns));
  CHECK(frames.a.plot.y1 < frames.b.plot.y0);
  CHECK(canvas.says("exposed communication"));
}

TEST_CASE("long names and summaries end before what stands beside them") {
  const TimelineModel a(mlp_trace(true)), b(mlp_trace(false));
  const Comparison comparison = compare(a, b);
  const std::string name_a(60, 'a'), name_b(60, 'b');
  TimelineView view;
  view.range = {0, static_cast<double>(a.end_ns())};
  const Box page = {0, 0, 1140, 700};
  RecordingCanvas canvas;
  paint_comparison(canvas, {a, b, name_a, name_b, comparison}, view, view, page, Metrics{});
  for (std::size_t i = 0; i < canvas.texts.size(); ++i) {
    const RecordingCanvas::Words& words = canvas.texts[i];
    INFO(words.words);
    CHECK(words.box.x1 <= page.x1);
    for (std::size_t j = 0; j < i; ++j) {
      const Box &one = canvas.texts[j].box, &other = words.box;
      CHECK((std::min(one.x1, other.x1) <= std::max(one.x0, other.x0) ||
             std::min(one.y1, other.y1) <= std::max(one.y0, other.y0)));
    }
  }
}

}  // namespace shardpipe::viz
