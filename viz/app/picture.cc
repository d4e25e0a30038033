#include "viz/app/picture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "core/trace/chrome_json.h"
#include "viz/draw/page.h"
#include "viz/picture/screenshot.h"
#include "viz/picture/svg_canvas.h"

namespace shardpipe::viz {
namespace {

constexpr double kNs_per_ms = 1e6;

// "RANK@MS": the span on the rank's first lane that has one then, else the gap.
Selection selection_of(const TimelineModel& model, const std::string& where) {
  int rank = -1, length = 0;
  double ms = 0;
  if (std::sscanf(where.c_str(), "%d@%lf%n", &rank, &ms, &length) != 2 ||
      length != static_cast<int>(where.size()) || rank < 0 ||
      rank >= static_cast<int>(model.ranks().size()))
    usage_error(text("--select ", where, ": RANK@MS, such as 0@4.2, with a rank of 0..",
                     model.ranks().size() - 1));
  const Selection found =
      selection_on(model.ranks()[static_cast<std::size_t>(rank)], ms * kNs_per_ms);
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
  if (!options.select.empty()) view.selected = selection_of(model, options.select);
  return view;
}

void write_text(const std::string& words, const std::string& file) {
  std::ofstream out(file, std::ios::binary);
  out << words;
  if (!out.flush()) usage_error(text(file, ": cannot be written"));
}

}  // namespace

void make_picture(const Options& options) {
  const TimelineModel model(read_chrome_json(options.files[0]));
  const TimelineView view = view_of(model, options);
  const std::string name = std::filesystem::path(options.files[0]).filename().string();
  const bool is_svg = options.picture.ends_with(".svg");
  const Metrics metrics{is_svg ? 1.0F : static_cast<float>(options.scale)};
  PictureSize size{options.width, options.height, metrics.scale};
  if (size.height == 0)
    size.height = page_height(model, view, static_cast<float>(size.width), metrics);
  const Box box = {0, 0, static_cast<float>(size.width), static_cast<float>(size.height)};
  const auto paint = [&](Canvas& canvas) { paint_page(canvas, model, view, name, box, metrics); };
  if (is_svg) {
    SvgCanvas canvas(size.width, size.height);
    paint(canvas);
    write_text(canvas.finish(), options.picture);
  } else {
    write_png(screenshot(size, palette(view.is_dark).background, paint), options.picture);
  }
}

}  // namespace shardpipe::viz
