// The tables below a timeline, and the ghosts in it.
#include "viz/model/tables.h"

#include <algorithm>

#include "core/cost/roofline.h"
#include "core/launch/launch.h"
#include "core/schedule/builders.h"
#include "core/trace/ideal_schedule.h"
#include "core/trace/schedule_trace.h"
#include "tests/support/catch.h"
#include "tests/support/usage_error.h"
#include "tests/trace/made_up.h"
#include "tests/viz/recording_canvas.h"
#include "viz/draw/page.h"
#include "viz/draw/parts.h"
#include "viz/model/prediction.h"

namespace shardpipe::viz {
namespace {

Trace pipeline_trace(const std::string& schedule, const Costs& costs) {
  const Schedule built = build_schedule(schedule, 4, 8, default_chunks(schedule));
  return trace_of(built, simulate(built, costs), costs);
}

// A matrix product, a sum over the ranks and a message, as often as there are ranks.
Trace modelled_trace(const CostModel& costs) {
  return run_modelled({.grid = {.tp = 2}}, costs,
                      [](RankContext& ctx) {
                        Tensor x(ctx.device, {512, 512}, DType::bf16),
                            y(ctx.device, {512, 512}, DType::bf16);
                        ctx.begin_window();
                        ctx.math.fill(x, 0, ctx.compute);
                        ctx.math.gemm(y, x, Transpose::no, x, Transpose::no, {}, ctx.compute);
                        ctx.tp.all_reduce(y, ctx.compute);
                        ctx.tp.exchange({{Direction::send, 1 - ctx.rank, x},
                                         {Direction::recv, 1 - ctx.rank, y}},
                                        ctx.compute);
                        ctx.end_window();
                      })
      .trace;
}

}  // namespace

TEST_CASE("a modelled run takes what its profile predicts") {
  const Hardware hardware = load_hardware("8xH100");
  Trace trace = modelled_trace(RooflineModel(hardware));
  trace.hardware = "8xH100";
  const std::vector<Predicted> rows = predict(trace, hardware);
  CHECK(rows.size() == 4);
  for (const Predicted& p : rows) {
    INFO(p.name);
    CHECK(p.count == 2);
    CHECK(p.measured_ns > 0);
    CHECK(p.predicted_ns == p.measured_ns);
  }
  const Table table = prediction_table(trace, "");
  CHECK(table.columns[3] == "predicted, 8xH100");
  for (const Table::Row& row : table.rows) CHECK(row.cells[4] == "1.00");
  const Table other = prediction_table(trace, "8xA100");
  CHECK(std::any_of(other.rows.begin(), other.rows.end(),
                    [](const Table::Row& row) { return row.cells[4] != "1.00"; }));
}

TEST_CASE("without a profile the table says which flag names one; an unknown one is refused") {
  Trace trace = mlp_trace(true);
  trace.hardware = "";
  CHECK(prediction_table(trace, "").rows[0].cells[0].find("--hardware") != std::string::npos);
  CHECK(lacks(usage_message([&] { prediction_table(trace, "9xH900"); }), {"9xH900", "8xH100"})
            .empty());
}

TEST_CASE("a schedule is its own ideal; where one cell takes longer, what follows is late") {
  for (const char* name : {"gpipe", "1f1b", "zb_h1", "interleaved_1f1b"}) {
    INFO(name);
    const Costs costs{2, 2, 2, 0};
    Trace trace = pipeline_trace(name, costs);
    IdealSchedule ideal = ideal_schedule(trace);
    REQUIRE(ideal.refusal == "");
    CHECK(ideal.ideal_ns == trace.wall_ns);
    CHECK(ideal.measured_ns == trace.wall_ns);
    const std::vector<Cell> cells = cells_of(trace);
    REQUIRE(cells.size() == ideal.cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      CHECK(ideal.cells[i].action == cells[i].action);
      CHECK(ideal.cells[i].begin_ns == cells[i].begin_ns);
      CHECK(ideal.cells[i].end_ns == cells[i].end_ns);
    }
    // The first forward takes 7 ms longer, and everything else waits for it.
    for (Span& s : trace.spans) {
      if (&s != trace.spans.data()) s.posted_ns += 7'000'000, s.ready_ns += 7'000'000;
      s.end_ns += 7'000'000;
    }
    trace.wall_ns += 7'000'000;
    ideal = ideal_schedule(trace);
    CHECK(ideal.measured_ns - ideal.ideal_ns == 7'000'000);
  }
}

TEST_CASE("copies of a pipeline rank follow the same rank of the schedule") {
  Trace trace = pipeline_trace("1f1b", {});
  const std::size_t spans = trace.spans.size();
  for (std::int32_t rank = 0; rank < 4; ++rank) trace.lanes.push_back({rank + 4, 0, "compute"});
  for (std::size_t i = 0; i < spans; ++i) {
    trace.spans.push_back(trace.spans[i]);
    trace.spans.back().lane += 4;
  }
  const IdealSchedule ideal = ideal_schedule(trace);
  CHECK(ideal.refusal == "");
  CHECK(ideal.cells.size() == 2 * spans);
  CHECK(ideal.ideal_ns == trace.wall_ns);
}

TEST_CASE("no ideal for what is no pipeline or is cut") {
  CHECK(ideal_schedule(mlp_trace(true)).refusal.find("micro-batch") != std::string::npos);
  Trace cut = pipeline_trace("1f1b", {});
  cut.spans.erase(cut.spans.begin());
  CHECK(!ideal_schedule(cut).refusal.empty());
}

TEST_CASE("ghosts are a row of their own, in fainter colours, and go away again") {
  TimelineModel model(pipeline_trace("1f1b", {1, 1, 1, 0.5}));
  TimelineView view;
  view.range = {0, static_cast<double>(model.end_ns())};
  const auto painted = [&] {
    RecordingCanvas canvas;
    paint_page(canvas, model, view, "x", {0, 0, 1400, 600}, Metrics{});
    return canvas.says("ideal");
  };
  CHECK(!painted());
  CHECK(model.show_ideal(true) == "");
  CHECK(model.shows_ideal());
  CHECK(painted());
  model.show_ideal(false);
  CHECK(!painted());
}

TEST_CASE("cells of a table do not run into each other, however long the names are") {
  const std::string name = "a-very-long-name-of-a-trace-\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9";
  const Table table{.columns = {name, name, name, name},
                    .rows = {{{name, "1.000 ms", "2.000 ms", "+1.000 ms"}, Tone::bad}}};
  for (const float width : {500.0F, 700.0F, 1200.0F}) {
    RecordingCanvas canvas;
    paint_table({canvas, palette(true), Metrics{}, {}}, {10, 10}, width, table);
    REQUIRE(canvas.texts.size() == 8);
    for (std::size_t i = 1; i < 4; ++i) {
      CHECK(canvas.texts[i].box.x0 > canvas.texts[i - 1].box.x1);
      CHECK(canvas.texts[i + 4].box.x0 > canvas.texts[i + 3].box.x1);
    }
    CHECK(canvas.texts[3].box.x1 <= 10 + width);
  }
}

TEST_CASE("an exchange too narrow for its name shows a part of it, not a micro-batch") {
  Trace trace{.wall_ns = 1000,
              .names = {"exchange"},
              .groups = {{.id = 0, .axis = "pp", .ranks = {0, 1}}},
              .lanes = {{0, 0, "compute"}}};
  trace.spans = {{.group = 0, .kind = OpKind::exchange, .tags = {.microbatch = 7}, .end_ns = 40}};
  const TimelineModel model(trace);
  TimelineView view;
  view.range = {0, 1000};
  RecordingCanvas canvas;
  paint_page(canvas, model, view, "x", {0, 0, 1300, 300}, Metrics{});
  CHECK(std::none_of(canvas.texts.begin(), canvas.texts.end(),
                     [](const RecordingCanvas::Words& w) { return w.words == "7"; }));
  CHECK(canvas.says("exc"));
}

}  // namespace shardpipe::viz
