// The page as painted: labels that can be read, colours in the right places, what a point selects.
#include <cmath>

#include "core/base/error.h"
#include "tests/support/catch.h"
#include "tests/trace/made_up.h"
#include "tests/viz/recording_canvas.h"
#include "viz/draw/page.h"
#include "viz/draw/ruler.h"

namespace shardpipe::viz {
namespace {

constexpr Box kPage = {0, 0, 1200, 700};

TimelineView whole(const TimelineModel& model) {
  TimelineView view;
  view.range = {0, std::max(1.0, static_cast<double>(model.end_ns()))};
  return view;
}

std::string first_overlap(const std::vector<RecordingCanvas::Words>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const Box &a = texts[i].box, &b = texts[j].box;
      if (std::min(a.x1, b.x1) > std::max(a.x0, b.x0) &&
          std::min(a.y1, b.y1) > std::max(a.y0, b.y0))
        return text("'", texts[i].words, "' over '", texts[j].words, "'");
    }
  return "";
}

// 64 ranks, each computes, then waits in a collective.
Trace many_ranks(int ranks) {
  Trace trace{.wall_ns = 1'000'000, .names = {"gemm", "all_reduce"}};
  trace.groups = {{.id = 0, .axis = "tp", .ranks = {}}};
  for (int rank = 0; rank < ranks; ++rank) {
    trace.groups[0].ranks.push_back(rank);
    for (std::int32_t stream = 0; stream < 2; ++stream)
      trace.lanes.push_back({rank, stream, stream == 0 ? "compute" : "comm"});
    const std::int64_t end_ns = 400'000 + 5'000 * rank, ready_ns = 400'000 + 5'000 * (ranks - 1);
    trace.spans.push_back({.lane = 2 * rank, .tags = {.phase = Phase::forward}, .end_ns = end_ns});
    trace.spans.push_back({.lane = 2 * rank + 1,
                           .name = 1,
                           .group = 0,
                           .kind = OpKind::all_reduce,
                           .sequence = 0,
                           .posted_ns = end_ns,
                           .ready_ns = ready_ns,
                           .end_ns = 1'000'000,
                           .waits_for = rank + 1 < ranks ? ranks - 1 : -1});
  }
  return trace;
}

}  // namespace

TEST_CASE("no label lies over another, none leaves the page, at any zoom") {
  for (const bool naive : {true, false}) {
    const TimelineModel model(mlp_trace(naive));
    for (double length = static_cast<double>(model.end_ns()); length > 100; length /= 4) {
      TimelineView view = whole(model);
      view.range = {length / 7, length / 7 + length};
      view.selected = selection_on(model, 1, view.range.begin_ns + length / 2);
      RecordingCanvas canvas;
      paint_page(canvas, model, view, "step.json", kPage, Metrics{});
      CHECK(canvas.is_balanced);
      CHECK(first_overlap(canvas.texts).empty());
      for (const auto& words : canvas.texts) {
        INFO(words.words);
        CHECK(words.box.x1 <= kPage.x1);
        CHECK(words.box.y1 <= kPage.y1);
      }
    }
  }
}

TEST_CASE("a stream's long name is shortened, not painted beyond the page or over the rank's") {
  Trace trace = many_ranks(2);
  for (Lane& lane : trace.lanes) lane.name = "thread 140234 (autograd engine of device 0)";
  const TimelineModel model(std::move(trace));
  RecordingCanvas canvas;
  paint_page(canvas, model, whole(model), "x", kPage, Metrics{});
  CHECK(first_overlap(canvas.texts).empty());
  CHECK(canvas.says("thread 140234"));
  CHECK_FALSE(canvas.says("device 0"));
  for (const auto& words : canvas.texts) CHECK(words.box.x0 >= kPage.x0);
}

TEST_CASE("idle time has no ink of its own: the empty lane shows") {
  Trace trace = many_ranks(4);
  trace.wall_ns *= 2;  // after their work all are idle
  const TimelineModel model(std::move(trace));
  RecordingCanvas canvas;
  paint_page(canvas, model, whole(model), "x", kPage, Metrics{});
  const Palette& colours = palette(true);
  const auto is_black = [](Colour c) { return c.r == 0 && c.g == 0 && c.b == 0 && c.a > 0; };
  REQUIRE_FALSE(is_black(colours.lane));
  for (const auto& [box, colour] : canvas.boxes) CHECK_FALSE(is_black(colour));
}

TEST_CASE("idle time is hatched, exposed communication outlined, and both can be switched off") {
  const TimelineModel model(many_ranks(4));
  TimelineView view = whole(model);
  const auto paint = [&] {
    RecordingCanvas canvas;
    paint_page(canvas, model, view, "x", kPage, Metrics{});
    return canvas;
  };
  const RecordingCanvas all = paint();
  view.shows_bubbles = false;
  const RecordingCanvas without_hatch = paint();
  CHECK(all.lines > without_hatch.lines + 8);
  view.shows_exposed = false;
  CHECK(without_hatch.fills == paint().fills + 4 * 4);  // four sides on four ranks
}

TEST_CASE("ranks that do not fit are shown as a heat map, each with ink true to its state") {
  const TimelineModel model(many_ranks(64));
  RecordingCanvas canvas;
  const Frame frame = paint_page(canvas, model, whole(model), "64 ranks", kPage, Metrics{});
  REQUIRE(frame.layout.ranks.size() == 64);
  CHECK(frame.layout.height <= frame.plot.height());
  const Colour forward = frame.colours.of(Category::forward);
  for (const PlacedRank& rank : frame.layout.ranks) {
    CHECK(rank.is_collapsed);
    double ink = 0;
    for (const auto& [box, colour] : canvas.boxes)
      if (box.x1 <= frame.plot.x1 && box.y0 >= frame.plot.y0 + rank.y - 0.5 &&
          box.y1 <= frame.plot.y0 + rank.y + rank.height + 0.5 && colour.r == forward.r &&
          colour.g == forward.g && colour.b == forward.b)
        ink += box.width() * box.height() * colour.a / 255;
    const double share = 0.4 + 0.005 * rank.group->rank;
    CHECK(std::abs(ink / (frame.plot.width() * rank.height) - share) < 0.01);
  }
}

TEST_CASE("a point selects the span there, or the gap around it with its reason") {
  const TimelineModel model(many_ranks(2));
  RecordingCanvas canvas;
  TimelineView view = whole(model);
  const Frame frame = paint_page(canvas, model, view, "x", kPage, Metrics{});
  const auto at = [&](std::size_t row, double ns) {
    const PlacedRow& placed = frame.layout.rows[row];
    return selection_at(frame, {static_cast<float>(frame.scale.x_of(ns)),
                                frame.top_of(placed) + placed.height / 2});
  };
  REQUIRE(frame.layout.rows[1].kind == RowKind::lane);  // rank 0: state, compute, comm
  const Selection span = at(1, 100'000);
  CHECK(span.what == Selection::What::span);
  CHECK(span.span == 0);
  const Selection gap = at(1, 402'000);
  CHECK(gap.what == Selection::What::gap);
  CHECK(gap.begin_ns == 400'000);
  CHECK(gap.end_ns == 405'000);
  CHECK(at(1, 800'000).what == Selection::What::none);  // it communicates on another lane
  CHECK(selection_at(frame, {5, 5}).what == Selection::What::none);
  view.selected = gap;
  RecordingCanvas described;
  paint_page(described, model, view, "x", kPage, Metrics{});
  CHECK(described.says("rank 0 is idle 5.000 us"));
  CHECK(described.says("all_reduce #0 of tp[0,1] waits for rank 1"));
  CHECK(described.says("rank 1 computed gemm until 405.0 us"));
  // An arrow from the rank that was waited for, and the line of its work.
  CHECK(described.triangles == gap.why.chain.size() - 1);
  CHECK(described.triangles > 0);
  view.shows_flows = false;
  RecordingCanvas without;
  paint_page(without, model, view, "x", kPage, Metrics{});
  CHECK(without.triangles == 0);
  CHECK(without.fills == described.fills - described.triangles);
}

TEST_CASE("bars say what all ranks did, and each") {
  Trace trace = many_ranks(2);  // compute 400 and 405 us of a millisecond, then communicate
  const TimelineModel model(std::move(trace));
  RecordingCanvas canvas;
  paint_page(canvas, model, whole(model), "x", kPage, Metrics{});
  CHECK(canvas.says("all ranks"));
  const auto is_share = [](const auto& words) { return words.words == "40 %"; };
  CHECK(std::count_if(canvas.texts.begin(), canvas.texts.end(), is_share) == 3);
}

TEST_CASE("a selected collective has an arrow to each of its ranks") {
  const TimelineModel model(many_ranks(4));
  TimelineView view = whole(model);
  view.selected = {Selection::What::span, 1, 0, 400'000, 1'000'000};
  RecordingCanvas canvas;
  paint_page(canvas, model, view, "x", kPage, Metrics{});
  CHECK(canvas.curves == 3);
  CHECK(canvas.says("waited 15.00 us for rank 3"));
}

TEST_CASE("ticks are 1, 2 or 5 times a power of ten, and a ruler has one unit") {
  const Scale scale{{0, 10'000'000}, 0, 1000};  // 10 us a pixel
  CHECK(tick_ns(scale, 100) == 1'000'000);
  CHECK(tick_ns(scale, 101) == 2'000'000);
  CHECK(tick_ns(scale, 201) == 5'000'000);
  CHECK(tick_ns(scale, 501) == 10'000'000);
  CHECK(tick_text(0, 5e5, 5e6) == "0.0 ms");
  CHECK(tick_text(5e5, 5e5, 5e6) == "0.5 ms");
  CHECK(tick_text(6e8, 2e8, 1.4e9) == "0.6 s");
  CHECK(tick_text(1.2e9, 1e3, 1.2e9) == "1200000 us");
}

}  // namespace shardpipe::viz
