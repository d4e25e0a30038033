// A trace that grows while it is looked at.
#include <utility>

#include "core/base/error.h"
#include "tests/support/catch.h"
#include "tests/trace/made_up.h"
#include "tests/viz/recording_canvas.h"
#include "viz/interaction/follow_screen.h"

namespace shardpipe::viz {
namespace {

// The first part of the run, as far as `share` of its time.
Trace part_of(const Trace& whole, double share) {
  Trace part = whole;
  part.wall_ns = static_cast<std::int64_t>(share * static_cast<double>(whole.wall_ns));
  std::erase_if(part.spans, [&](const Span& s) { return s.end_ns > part.wall_ns; });
  return part;
}

std::unique_ptr<Viewer> viewer_of(Trace trace) {
  std::vector<std::unique_ptr<NamedModel>> traces;
  traces.push_back(
      std::make_unique<NamedModel>(NamedModel{"live", TimelineModel(std::move(trace))}));
  return std::make_unique<Viewer>(std::move(traces));
}

// What the file holds now, as the screen is told; frames in front of it.
struct Live {
  std::optional<Trace> file = {};
  std::string error = {};
  FollowScreen screen = {[this] {
                           if (!error.empty()) usage_error(std::exchange(error, ""));
                           return std::exchange(file, {});
                         },
                         viewer_of, "waits for live.json", true};
  std::vector<RecordingCanvas::Words> texts = {};

  void frame() {
    RecordingCanvas canvas;
    screen.frame(canvas, {0, 0, 1200, 600}, Metrics{}, Input{});
    texts = canvas.texts;
  }
  bool reads(const std::string& part) const {
    for (const auto& words : texts)
      if (words.words.find(part) != std::string::npos) return true;
    return false;
  }
};

}  // namespace

TEST_CASE("following: waits for the first trace, then shows the whole of each that comes") {
  const Trace run = mlp_trace(true);
  Live live;
  live.frame();
  CHECK(live.reads("waits for live.json"));
  CHECK(live.screen.viewer() == nullptr);
  for (const double share : {0.3, 0.7, 1.0}) {
    live.file = part_of(run, share);
    const double end_ns = static_cast<double>(TimelineModel(*live.file).end_ns());
    live.frame();
    REQUIRE(live.screen.viewer() != nullptr);
    CHECK(live.screen.viewer()->view().range.begin_ns == 0);
    CHECK(live.screen.viewer()->view().range.end_ns == end_ns);
  }
}

TEST_CASE("following: a part that is looked at stays in view, and what is selected selected") {
  const Trace run = mlp_trace(true);
  Live live;
  live.file = part_of(run, 0.5);
  live.frame();
  Viewer& viewer = *live.screen.viewer();
  viewer.view().range = {1000, 5000};
  const std::int32_t last = static_cast<std::int32_t>(part_of(run, 0.5).spans.size()) - 1;
  const Span span = part_of(run, 0.5).spans[static_cast<std::size_t>(last)];
  viewer.view().selected = {.what = Selection::What::span, .span = last, .rank = 3};
  live.file = run;
  live.frame();
  CHECK(viewer.view().range.begin_ns == 1000);
  CHECK(viewer.view().range.end_ns == 5000);
  REQUIRE(viewer.view().selected.what == Selection::What::span);
  CHECK(viewer.view().selected.span > last);  // earlier lanes grew
  const Span& now = run.spans[static_cast<std::size_t>(viewer.view().selected.span)];
  CHECK(now.posted_ns == span.posted_ns);
  CHECK(now.lane == span.lane);
}

TEST_CASE("following: a file that cannot be read is said, and what was there stays") {
  Live live;
  live.error = "live.json: not JSON at byte 7";
  live.frame();
  CHECK(live.reads("not JSON at byte 7"));
  live.file = mlp_trace(true);
  live.frame();
  REQUIRE(live.screen.viewer() != nullptr);
  live.error = "live.json: cannot be read";
  live.frame();
  CHECK(live.reads("cannot be read"));
  CHECK(live.reads("rank 0"));
}

}  // namespace shardpipe::viz
