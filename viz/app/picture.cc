#include "viz/app/picture.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>

#include "core/base/error.h"
#include "core/base/output_file.h"
#include "core/base/printable.h"
#include "viz/app/traces.h"
#include "viz/draw/comparison_page.h"
#include "viz/interaction/follow_screen.h"
#include "viz/interaction/playground_screen.h"
#include "viz/picture/screenshot.h"
#include "viz/picture/svg_canvas.h"

namespace shardpipe::viz {
namespace {

constexpr double kNs_per_ms = 1e6;
constexpr int kMostHeight = 65536;  // of a picture, pixels: some 400 MB while it is painted

bool is_svg(const Options& options) { return options.picture.ends_with(".svg"); }

// "RANK@MS": the span on the rank's first lane that has one then, else the gap.
Selection selected_by(const TimelineModel& model, const std::string& where) {
  int rank = -1, length = 0;
  double ms = 0;
  if (std::sscanf(where.c_str(), "%d@%lf%n", &rank, &ms, &length) != 2 ||
      length != static_cast<int>(where.size()) || rank < 0 ||
      rank >= static_cast<int>(model.ranks().size()))
    usage_error(text("--select ", where, ": RANK@MS, such as 0@4.2, with a rank of 0..",
                     model.ranks().size() - 1));
  const Selection found = selection_on(model, rank, ms * kNs_per_ms);
  if (found.what == Selection::What::none)
    usage_error(text("--select ", where, ": the trace ends at ",
                     static_cast<double>(model.trace().wall_ns) / kNs_per_ms, " ms"));
  return found;
}

TimelineView view_of(const TimelineModel& model, const Options& options) {
  TimelineView view;
  const double end_ns = std::max(1.0, static_cast<double>(model.end_ns()));
  view.range = {options.from_ms * kNs_per_ms,
                options.to_ms < 0 ? end_ns : options.to_ms * kNs_per_ms};
  if (view.range.length_ns() < kShortestView_ns)
    usage_error(
        text("--from ", options.from_ms, ": the trace ends at ", end_ns / kNs_per_ms, " ms"));
  view.is_dark = !options.is_light;
  view.shows_critical_path = options.shows_critical_path;
  if (!options.select.empty()) view.selected = selected_by(model, options.select);
  return view;
}

// Paints the page on whichever canvas the name of the picture asks for.
void write_picture(const Options& options, OutputFile& out, int height,
                   const std::function<void(Canvas&, const Box&)>& paint) {
  if (options.height > 0) height = options.height;
  if (height > kMostHeight)
    usage_error(text("the whole timeline is ", height, " px high, and a picture at most ",
                     kMostHeight, ": --height N for its top"));
  const Box box = {0, 0, static_cast<float>(options.width), static_cast<float>(height)};
  if (is_svg(options)) {
    SvgCanvas canvas(options.width, height);
    paint(canvas, box);
    out.write(canvas.finish());
    out.commit();
    return;
  }
  const PictureSize size{options.width, height, static_cast<float>(options.scale)};
  write_png(screenshot(size, palette(!options.is_light).background,
                       [&](Canvas& canvas) { paint(canvas, box); }),
            out);
}

std::unique_ptr<Screen> open_playground(const Options& options) {
  auto screen = std::make_unique<PlaygroundScreen>(options.playground, !options.is_light);
  if (options.challenge > 0)
    screen->begin_challenge(static_cast<std::size_t>(options.challenge - 1));
  if (!options.picture.empty() && screen->viewer() == nullptr)
    usage_error(screen->played().refusal);
  return screen;
}

// The viewer of one trace or two, as the flags ask for.
std::unique_ptr<Viewer> open_viewer(std::vector<Trace> read, const Options& options) {
  std::vector<std::unique_ptr<NamedModel>> traces;
  for (Trace& trace : read) {
    const std::string& file = traces.empty() ? options.files[0] : options.against;
    traces.push_back(naming(file, [&] {
      return std::make_unique<NamedModel>(
          NamedModel{name_of_file(file), TimelineModel(std::move(trace))});
    }));
  }
  TimelineView asked = view_of(traces[0]->model, options);
  auto viewer = std::make_unique<Viewer>(std::move(traces), options.hardware);
  if (options.to_ms < 0) asked.range.end_ns = viewer->view().range.end_ns;  // that of both
  viewer->show(asked);
  for (const auto& [is_asked, letter] : {std::pair(options.shows_ideal, 'g'),
                                         {options.shows_what_if, 'i'},
                                         {options.shows_prediction, 'h'}})
    if (is_asked) viewer->command(letter, nullptr, {});
  return viewer;
}

std::unique_ptr<Screen> follow(const Options& options) {
  const auto file = std::make_shared<FollowedFile>(options.files[0]);
  return std::make_unique<FollowScreen>([file] { return file->newer(); },
                                        [options](Trace trace) {
                                          std::vector<Trace> traces;
                                          traces.push_back(std::move(trace));
                                          return open_viewer(std::move(traces), options);
                                        },
                                        text("waits for ", printable(options.files[0])),
                                        !options.is_light);
}

}  // namespace

void make_picture(const Options& options) {
  OutputFile out(options.picture);
  out.open();
  const std::unique_ptr<Screen> screen = open_screen(options);
  const Metrics metrics{is_svg(options) ? 1.0F : static_cast<float>(options.scale)};
  const int height = screen->height(static_cast<float>(options.width), metrics);
  write_picture(options, out, height, [&](Canvas& canvas, const Box& box) {
    screen->frame(canvas, box, metrics, Input{});
  });
}

std::unique_ptr<Screen> open_screen(const Options& options) {
  if (options.plays) return open_playground(options);
  if (options.follows) return follow(options);
  std::vector<Trace> traces;
  traces.push_back(load_trace(options.files, options));
  if (!options.against.empty()) traces.push_back(load_trace({options.against}, options));
  return open_viewer(std::move(traces), options);
}

}  // namespace shardpipe::viz
