// Keys and mouse, without a window: what each does to the view.
#include <cctype>
#include <cmath>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/trace/made_up.h"
#include "tests/viz/recording_canvas.h"
#include "viz/interaction/help.h"
#include "viz/interaction/viewer.h"

namespace shardpipe::viz {
namespace {

std::unique_ptr<NamedModel> named(const std::string& name, Trace trace) {
  return std::make_unique<NamedModel>(NamedModel{name, TimelineModel(std::move(trace))});
}

std::vector<std::unique_ptr<NamedModel>> one() {
  std::vector<std::unique_ptr<NamedModel>> traces;
  traces.push_back(named("naive", mlp_trace(true)));
  return traces;
}

std::vector<std::unique_ptr<NamedModel>> two() {
  std::vector<std::unique_ptr<NamedModel>> traces = one();
  traces.push_back(named("paired", mlp_trace(false)));
  return traces;
}

// A person in front of the viewer: each call is a frame.
class Person {
 public:
  explicit Person(std::vector<std::unique_ptr<NamedModel>> traces) : viewer(std::move(traces)) {
    frame({});
  }

  void frame(const Input& input) {
    RecordingCanvas canvas;
    frames = viewer.paint(canvas, {0, 0, 1200, 900}, Metrics{});
    viewer.handle(input, frames);
    texts = canvas.texts;
  }
  void type(const std::string& letters, Point mouse = {-1, -1}) {
    frame({.mouse = mouse, .typed = letters});
    frame({.mouse = mouse});
  }
  void click(Point at) {
    frame({.mouse = at, .left = true});
    frame({.mouse = at});
    frame({.mouse = at});
  }
  void drag(Point from, Point to, bool left, bool space = false) {
    frame({.mouse = from});
    frame({.mouse = from, .space = space, .left = left, .right = !left});
    frame({.mouse = to, .space = space, .left = left, .right = !left});
    frame({.mouse = to});
  }

  // The middle of a row of a trace, at the moment.
  Point at(std::size_t row, double ns, std::size_t trace = 0) const {
    const Frame& f = frames[trace];
    const PlacedRow& placed = f.layout.rows[row];
    return {static_cast<float>(f.scale.x_of(ns)), f.top_of(placed) + placed.height / 2};
  }
  const ViewRange& range() const { return viewer.view().range; }
  bool reads(const std::string& part) const {
    for (const auto& words : texts)
      if (words.words.find(part) != std::string::npos) return true;
    return false;
  }

  Viewer viewer;
  std::vector<Frame> frames;
  std::vector<RecordingCanvas::Words> texts;
};

bool near(double a, double b) { return std::fabs(a - b) < 1; }

}  // namespace

TEST_CASE("the wheel zooms at the mouse: the moment under it stays") {
  Person person(one());
  const double whole = person.range().length_ns();
  for (const auto& [ctrl, shift, factor] :
       {std::tuple(false, false, 0.8), {true, false, 0.95}, {false, true, 0.5}}) {
    person.type("0");
    const Point mouse = person.at(1, whole / 3);
    const double before = person.frames[0].scale.ns_at(static_cast<double>(mouse.x));
    person.frame({.mouse = mouse, .wheel = 1, .ctrl = ctrl, .shift = shift});
    person.frame({.mouse = mouse});
    CHECK(near(person.range().length_ns(), whole * factor));
    CHECK(near(person.frames[0].scale.ns_at(static_cast<double>(mouse.x)), before));
  }
}

TEST_CASE("W S zoom, A D pan, by the time they are held") {
  Person person(one());
  person.frame({.zoom = 1, .seconds = 0.1F});
  const ViewRange closer = person.range();
  CHECK(closer.length_ns() < person.viewer.whole_ns());
  person.frame({.pan = 1, .seconds = 0.1F});
  CHECK(near(person.range().begin_ns, closer.begin_ns + 0.1 * closer.length_ns()));
  person.frame({.pan = -1, .seconds = 0.1F});
  CHECK(near(person.range().begin_ns, closer.begin_ns));
  person.frame({.zoom = -1, .seconds = 0.1F});
  CHECK(near(person.range().length_ns(), person.viewer.whole_ns()));
}

TEST_CASE("a view cannot be lost: neither closer than 16 ns, nor off the trace") {
  Person person(one());
  for (int i = 0; i < 200; ++i) person.frame({.zoom = 1, .seconds = 1});
  CHECK(person.range().length_ns() >= kShortestView_ns * 0.999);
  for (int i = 0; i < 200; ++i) person.frame({.pan = 1, .seconds = 1e9F});
  CHECK(person.range().begin_ns < person.viewer.whole_ns());
  for (int i = 0; i < 200; ++i) person.frame({.zoom = -1, .seconds = 1});
  CHECK(person.range().length_ns() <= 2.001 * person.viewer.whole_ns());
  person.type("0");
  CHECK(person.range().begin_ns == 0);
  CHECK(person.range().end_ns == person.viewer.whole_ns());
}

TEST_CASE("dragging right pans, as does space and left; dragging left measures") {
  for (const bool left : {false, true}) {
    Person person(one());
    person.frame({.mouse = {600, 300}, .wheel = 5});
    const ViewRange before = person.range();
    person.drag({600, 300}, {500, 300}, left, left);
    const double moved = 100 * before.length_ns() / person.frames[0].scale.width;
    CHECK(near(person.range().begin_ns, before.begin_ns + moved));
    CHECK(person.viewer.view().measured.length_ns() == 0);
  }
  Person person(one());
  person.drag(person.at(1, 50'000), person.at(1, 150'000), true);
  CHECK(std::fabs(person.viewer.view().measured.length_ns() - 100'000) < 1000);
  CHECK(person.range().begin_ns == 0);
  CHECK(person.reads("range of"));
  person.frame({.escape = true});
  CHECK(person.viewer.view().measured.length_ns() == 0);
}

TEST_CASE("a click selects, F fits, comma and point walk, Escape clears") {
  Person person(one());
  person.click(person.at(1, 1000));
  const Selection first = person.viewer.view().selected;
  REQUIRE(first.what == Selection::What::span);
  person.frame({});
  CHECK(person.reads("on rank 0 compute"));
  person.type("f");
  CHECK(person.range().begin_ns < static_cast<double>(first.begin_ns));
  CHECK(person.range().end_ns > static_cast<double>(first.end_ns));
  CHECK(person.range().length_ns() < person.viewer.whole_ns() / 2);
  person.type(".");
  CHECK(person.viewer.view().selected.span == first.span + 1);
  person.type(",");
  person.type(",");
  CHECK(person.viewer.view().selected.span == 0);
  person.frame({.escape = true});
  CHECK(person.viewer.view().selected.what == Selection::What::none);
}

TEST_CASE("brackets go round the ranks of a collective") {
  Person person(one());
  const TimelineModel model(mlp_trace(true));
  person.type("/");
  person.type("reduce");
  person.frame({.enter = true});
  person.frame({.escape = true});
  const Selection start = person.viewer.view().selected;
  REQUIRE(start.what == Selection::What::span);
  std::vector<int> ranks;
  for (int i = 0; i < 4; ++i) {
    person.type("]");
    ranks.push_back(person.viewer.view().selected.rank);
  }
  CHECK(ranks == std::vector<int>{1, 2, 3, 0});
  CHECK(person.viewer.view().selected.span == start.span);
  person.type("[");
  CHECK(person.viewer.view().selected.rank == 3);
}

TEST_CASE("search takes letters as letters until Escape") {
  Person person(one());
  person.type("/");
  person.type("bx");
  CHECK(person.viewer.search() == "bx");
  CHECK(person.viewer.view().shows_bubbles);
  person.frame({.erase = true});
  CHECK(person.viewer.search() == "b");
  person.frame({.enter = true});  // no such name, or one: no harm
  person.frame({.escape = true});
  CHECK(!person.viewer.search());
  person.type("b");
  CHECK(!person.viewer.view().shows_bubbles);
}

TEST_CASE("switches, marks and the list of keys") {
  Person person(one());
  person.type("xopl");
  CHECK(!person.viewer.view().shows_flows);
  CHECK(!person.viewer.view().shows_exposed);
  CHECK(person.viewer.view().shows_critical_path);
  CHECK(!person.viewer.view().is_dark);
  person.type("m", person.at(1, 100'000));
  person.type("m", person.at(1, 150'000));
  REQUIRE(person.viewer.view().marks_ns.size() == 2);
  CHECK(std::fabs(person.viewer.view().marks_ns[0] - 100'000) < 1000);
  person.frame({});
  CHECK(person.reads("mark"));
  person.type("M");
  CHECK(person.viewer.view().marks_ns.empty());
  person.type("?");
  for (const auto& [key, what] : all_keys()) {
    CHECK(person.reads(key));
    CHECK(person.reads(what));
  }
  person.frame({.escape = true});
  CHECK(!person.viewer.shows_help());
}

TEST_CASE("C collapses the rank under the mouse and unfolds it again") {
  Person person(one());
  const float before = person.frames[0].layout.height;
  person.type("c", person.at(1, 1000));
  CHECK(person.viewer.view().collapsed_ranks == std::set<int>{0});
  CHECK(person.frames[0].layout.height < before);
  person.type("c", person.at(0, 1000));
  CHECK(person.viewer.view().collapsed_ranks.empty());
}

TEST_CASE("two traces zoom and pan together, and a click selects in the one it meets") {
  Person person(two());
  REQUIRE(person.frames.size() == 2);
  person.frame({.mouse = person.at(1, 100'000, 1), .wheel = 3});
  person.frame({.pan = 1, .seconds = 0.2F});
  person.frame({});
  CHECK(near(person.viewer.view_of(1).range.begin_ns, person.range().begin_ns));
  CHECK(near(person.viewer.view_of(1).range.end_ns, person.range().end_ns));
  person.type("0");
  person.click(person.at(1, 1000, 1));
  CHECK(person.viewer.view_of(0).selected.what == Selection::What::none);
  CHECK(person.viewer.view_of(1).selected.what == Selection::What::span);
}

TEST_CASE("what is asked for before the first frame holds for both traces") {
  Viewer viewer(two());
  TimelineView asked = viewer.view();
  asked.is_dark = false;
  asked.shows_critical_path = true;
  asked.range = {100'000, 500'000};
  viewer.show(asked);
  const TimelineView& second = viewer.view_of(1);
  CHECK_FALSE(second.is_dark);
  CHECK(second.shows_critical_path);
  CHECK(second.range.begin_ns == 100'000 - static_cast<double>(viewer.shift_ns()));
  CHECK(second.range.length_ns() == 400'000);
}

TEST_CASE("every letter that does something is in the list of keys, and the other way round") {
  Person person(two());
  std::string listed;  // single keys, as typed
  for (const auto& [keys, what] : all_keys()) {
    std::istringstream words(keys);
    for (std::string word; words >> word;) {
      if (word.size() == 2 && word[1] == ',') word.pop_back();
      if (word.starts_with("Shift+"))
        listed += word.back();
      else if (word.size() == 1)
        listed += static_cast<char>(std::tolower(word[0]));
    }
  }
  const std::string held = "wasd";    // act while they are down, not as letters
  const std::string elsewhere = "n";  // of the playground
  for (char letter = '!'; letter <= '~'; ++letter) {
    INFO(letter);
    if ((held + elsewhere).find(letter) != std::string::npos) continue;
    CHECK(person.viewer.command(letter, nullptr, {}) == (listed.find(letter) != std::string::npos));
  }
}

TEST_CASE("I and H ask about the trace, a second time the answer goes away") {
  Person person(two());
  person.type("i");
  person.frame({});
  CHECK(person.reads("if it took no time, naive"));
  CHECK(person.reads("all_reduce of tp"));
  person.type("h");
  person.frame({});
  CHECK(person.reads("predicted, 8xH100"));
  CHECK(person.reads("mlp.dw"));
  person.frame({.tab = true});
  person.frame({.tab = true});
  person.frame({});
  CHECK(person.reads("operation, all ranks, paired"));
  person.type("h");
  person.frame({});
  CHECK(!person.reads("predicted"));
}

TEST_CASE("Tab shows the first alone, the second alone, both") {
  Person person(two());
  const auto shown = [&] {
    person.frame({});
    return person.frames.size() == 2 ? 2 : static_cast<int>(person.viewer.active());
  };
  CHECK(shown() == 2);
  person.frame({.tab = true});
  CHECK(shown() == 0);
  const float high = person.frames[0].plot.height();
  person.frame({.tab = true});
  CHECK(shown() == 1);
  CHECK(person.reads("paired"));
  person.frame({.tab = true});
  CHECK(shown() == 2);
  CHECK(person.frames[0].plot.height() < high);
  Person alone(one());
  alone.frame({.tab = true});
  CHECK(alone.frames.size() == 1);
}

TEST_CASE("Shift and drag move the second trace against the first, = puts it back") {
  Person person(two());
  const std::int64_t before = person.viewer.shift_ns();
  const Point from = person.at(1, 50'000, 1);
  const Point to = {from.x + 30, from.y};
  for (const Input& input :
       {Input{.mouse = from, .shift = true}, Input{.mouse = from, .shift = true, .left = true},
        Input{.mouse = to, .shift = true, .left = true}, Input{.mouse = to, .shift = true}})
    person.frame(input);
  const double moved_ns = 30 / person.frames[0].scale.px_per_ns();
  CHECK(std::fabs(static_cast<double>(person.viewer.shift_ns() - before) - moved_ns) < 2);
  CHECK(person.viewer.view_of(1).measured.length_ns() == 0);
  CHECK(person.viewer.view_of(1).selected.what == Selection::What::none);
  person.frame({});
  CHECK(near(person.viewer.view_of(1).range.begin_ns, person.range().begin_ns - moved_ns));
  person.type("=");
  CHECK(person.viewer.shift_ns() == before);
}

}  // namespace shardpipe::viz
