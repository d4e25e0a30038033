// The playground: knobs, what they make, and what they refuse.
#include "viz/interaction/playground_screen.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/viz/recording_canvas.h"

namespace shardpipe::viz {
namespace {

constexpr Box kBox = {0, 0, 1200, 700};

// Drags from the knob's place to a share of its way.
void drag(PlaygroundScreen& screen, std::size_t knob, float share) {
  const Box at = PlaygroundScreen::knob_box(kBox, Metrics{}, knob);
  const Point from = {at.x0 + 1, at.y0 + 10}, to = {at.x0 + share * at.width(), at.y0 + 10};
  for (const Input& input :
       {Input{.mouse = from, .left = true}, Input{.mouse = to, .left = true}, Input{.mouse = to}}) {
    RecordingCanvas canvas;
    screen.frame(canvas, kBox, Metrics{}, input);
    CHECK(canvas.is_balanced);
  }
}

}  // namespace

TEST_CASE("the trace of a playground has the times of the simulator") {
  const Played played = play({.schedule = "1f1b", .stages = 4, .microbatches = 8});
  CHECK(played.refusal.empty());
  CHECK(played.trace.ranks() == 4);
  CHECK(played.trace.wall_ns == 33'000'000);  // (m + p - 1) (F + I + W)
  CHECK(played.trace.spans.size() == 4 * 8 * 2);
  REQUIRE(played.lines.size() == 2);
  CHECK(played.lines[0].find("makespan 33.00") == 0);
  CHECK(played.lines[0].find("bubble 37.5 % over the ideal, 27.3 % of the total") !=
        std::string::npos);
  CHECK(played.lines[1].find("4 3 2 1") != std::string::npos);
}

TEST_CASE("what a builder refuses is said, and the next turn may bring it back") {
  PlaygroundScreen screen({.schedule = "zb_v", .stages = 4, .microbatches = 4});
  CHECK(screen.viewer() == nullptr);
  CHECK(screen.played().refusal.find("zb_v") != std::string::npos);
  RecordingCanvas canvas;
  screen.frame(canvas, kBox, Metrics{}, {});
  CHECK(canvas.says(screen.played().refusal));
  drag(screen, 2, 0.2F);
  CHECK(screen.settings().microbatches == 26);
  CHECK(screen.viewer() != nullptr);
}

TEST_CASE("each knob turns its own number, within its range and by its step") {
  const PlaygroundSettings start;
  for (std::size_t i = 0; i < knobs_of(start).size(); ++i) {
    const Knob knob = knobs_of(start)[i];
    INFO(knob.name);
    if (knob.name == "chunks") continue;  // 1F1B leaves no choice
    CHECK(knobs_of(turned(start, i, 1e9))[i].value == Approx(knob.most));
    CHECK(knobs_of(turned(start, i, -1e9))[i].value == Approx(knob.least));
    const std::vector<Knob> after = knobs_of(turned(start, i, knob.most));
    for (std::size_t j = 0; j < after.size(); ++j)
      if (j != i && after[j].name != "chunks") CHECK(after[j].value == knobs_of(start)[j].value);
  }
  PlaygroundSettings interleaved{.schedule = "interleaved_1f1b"};
  CHECK(knobs_of(turned(interleaved, 3, 4))[3].value == 4);
}

TEST_CASE("dragging a knob makes the schedule anew; the wheel turns by one step") {
  PlaygroundScreen screen({});
  drag(screen, 1, 1);
  CHECK(screen.settings().stages == 32);
  CHECK(screen.played().trace.ranks() == 32);
  const Box at = PlaygroundScreen::knob_box(kBox, Metrics{}, 2);
  RecordingCanvas canvas;
  screen.frame(canvas, kBox, Metrics{}, {.mouse = {at.x0 + 5, at.y0 + 5}, .wheel = 1});
  CHECK(screen.settings().microbatches == 9);
  CHECK(screen.settings().stages == 32);
}

TEST_CASE("above the knobs keys and mouse are the viewer's") {
  PlaygroundScreen screen({});
  RecordingCanvas canvas;
  screen.frame(canvas, kBox, Metrics{}, {.mouse = {600, 150}, .wheel = 2});
  CHECK(screen.viewer()->view().range.length_ns() < screen.viewer()->whole_ns());
  screen.frame(canvas, kBox, Metrics{}, {.typed = "l"});
  CHECK(!screen.viewer()->view().is_dark);
  drag(screen, 1, 0.5F);
  CHECK(!screen.viewer()->view().is_dark);  // kept when the schedule changes
}

}  // namespace shardpipe::viz
