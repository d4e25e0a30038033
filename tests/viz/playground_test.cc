// The playground: knobs, what they make, and what they refuse.
#include "viz/interaction/playground_screen.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "tests/support/catch.h"
#include "tests/viz/recording_canvas.h"
#include "viz/model/closed_form.h"
#include "viz/model/model_costs.h"

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
  REQUIRE(played.lines.size() == 3);
  CHECK(played.lines[0].find("makespan 33.00") == 0);
  CHECK(played.lines[0].find("(m + p - 1)(F + I + W) = 33.00") != std::string::npos);
  CHECK(played.lines[0].find("bubble 37.5 % over the ideal, 27.3 % of the total") !=
        std::string::npos);
  CHECK(played.lines[2].find("4 3 2 1") != std::string::npos);
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
  CHECK(knobs_of(start).size() == kNumKnobs);
  CHECK(knobs_of({.model = "8B"}).size() == kNumKnobs);
  for (std::size_t i = 0; i < knobs_of(start).size(); ++i) {
    const Knob knob = knobs_of(start)[i];
    INFO(knob.name);
    if (knob.name == "chunks" || knob.name == "model") continue;  // 1F1B leaves no choice
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
  CHECK(screen.played().figures.held_chunks.size() == 32);
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

TEST_CASE("with a model the knobs are those of the machine, and each turns its own") {
  const PlaygroundSettings start = turned({}, 4, 2);
  CHECK(start.model == "8B");
  for (std::size_t i = 5; i < kNumKnobs; ++i) {
    const Knob knob = knobs_of(start)[i];
    INFO(knob.name);
    CHECK(knobs_of(turned(start, i, 1e9))[i].value == Approx(knob.most));
    const std::vector<Knob> after = knobs_of(turned(start, i, knob.most));
    for (std::size_t j = 0; j < after.size(); ++j)
      if (j != i) CHECK(after[j].value == knobs_of(start)[j].value);
  }
}

TEST_CASE("closed forms are what the simulator finds") {
  int forms = 0;
  for (const std::string& name : schedule_names())
    for (const int ranks : {1, 2, 4, 8})
      for (const int microbatches : {1, 4, 8, 16})
        for (const Costs& costs :
             {Costs{1, 1, 1, 0}, Costs{2, 3, 1, 0}, Costs{1, 1, 1, 0.5}, Costs{2, 3, 1, 4}}) {
          Schedule schedule;
          try {
            schedule = build_schedule(name, ranks, microbatches, default_chunks(name));
          } catch (const Error&) {
            continue;  // no such schedule
          }
          const std::optional<ClosedForm> form = closed_form(schedule, costs);
          if (!form) continue;
          ++forms;
          INFO(name << " p=" << ranks << " m=" << microbatches << " C=" << costs.C);
          CHECK(form->makespan == Approx(simulate(schedule, costs).makespan));
        }
  CHECK(forms > 100);
}

TEST_CASE(
    "a model's costs follow its machine: more tp, shorter stages; slow links, long messages") {
  const ModelSetting one{.model = "8B"};
  ModelSetting four = one, slow = one, half = one;
  four.tp = 4;
  slow.gigabytes_per_s = 5;
  half.stages = 8;
  const ModelCosts a = model_costs(one), b = model_costs(four), c = model_costs(slow);
  CHECK(a.costs_ms.F > 2 * b.costs_ms.F);
  CHECK(a.costs_ms.F < 4 * b.costs_ms.F);      // the sums are not free
  CHECK(b.weight_bytes > a.weight_bytes / 4);  // norms are whole on every rank
  CHECK(b.weight_bytes < a.weight_bytes / 3.9);
  // 4096 tokens of 4096 features in bf16
  CHECK(a.costs_ms.C == Approx(0.010 + 4096.0 * 4096 * 2 / 50e6));
  CHECK(c.costs_ms.C == Approx(0.010 + 4096.0 * 4096 * 2 / 5e6));
  CHECK(model_costs(half).costs_ms.F == Approx(a.costs_ms.F / 2));
  CHECK(model_costs(half).kept_bytes == Approx(a.kept_bytes / 2));
  // Of 8.0e9 weights the blocks have 6.98e9; 16 bytes each, a quarter of them on a rank.
  CHECK(a.weight_bytes == Approx(6.98e9 * 16 / 4).epsilon(0.001));
  CHECK(a.costs_ms.I > a.costs_ms.F);
  CHECK(a.costs_ms.W < a.costs_ms.F);
}

TEST_CASE("memory is weights and what is held, rank by rank") {
  const Played played = play({.schedule = "1f1b", .stages = 4, .microbatches = 8, .model = "8B"});
  REQUIRE(played.refusal == "");
  const ModelCosts model = model_costs({.model = "8B", .stages = 4});
  const Figures& f = played.figures;
  REQUIRE(f.bytes.size() == 4);
  for (std::size_t r = 0; r < 4; ++r)
    CHECK(f.bytes[r] ==
          Approx(model.weight_bytes + (4.0 - static_cast<double>(r)) * model.kept_bytes));
  CHECK(f.capacity_bytes == 80e9);
}

TEST_CASE("every challenge is unmet at its start, and met by its answer") {
  for (const Challenge& c : challenges()) {
    INFO(c.name);
    const std::string wrong = unmet(c, c.start, play(c.start));
    CHECK(!wrong.empty());
    CHECK(wrong.find(" is to stay ") == std::string::npos);
    CHECK(unmet(c, c.answer, play(c.answer)) == "");
    for (const std::string& name : c.fixed) {
      const std::vector<Knob> knobs = knobs_of(c.start);
      CHECK(std::any_of(knobs.begin(), knobs.end(), [&](const Knob& k) { return k.name == name; }));
    }
  }
}

TEST_CASE("what a challenge fixes may not be turned") {
  const Challenge& c = challenges()[1];
  PlaygroundSettings easier = c.answer;
  easier.microbatches = 128;
  CHECK(unmet(c, easier, play(easier)) == "micro-batches is to stay 32");
}

TEST_CASE("N goes through the challenges, and the panel says when one is done") {
  PlaygroundScreen screen({});
  const auto press = [&] {
    RecordingCanvas canvas;
    screen.frame(canvas, kBox, Metrics{}, {.typed = "n"});
  };
  press();
  REQUIRE(screen.challenge() == &challenges()[0]);
  RecordingCanvas canvas;
  screen.frame(canvas, kBox, Metrics{}, {});
  CHECK(canvas.says("challenge 1, " + challenges()[0].name));
  CHECK(canvas.says("at most 10 % is asked"));
  drag(screen, 2, 1);
  RecordingCanvas after;
  screen.frame(after, kBox, Metrics{}, {});
  CHECK(after.says(": done"));
  for (std::size_t i = 0; i < challenges().size(); ++i) press();
  CHECK(screen.challenge() == nullptr);
}

}  // namespace shardpipe::viz
