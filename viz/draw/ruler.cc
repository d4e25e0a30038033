#include "viz/draw/ruler.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/error.h"

namespace shardpipe::viz {

double tick_ns(const Scale& scale, double least_px) {
  const double least_ns = std::max(1.0, least_px / scale.px_per_ns());
  const double power = std::pow(10, std::floor(std::log10(least_ns)));
  for (const double digit : {1.0, 2.0, 5.0})
    if (power * digit >= least_ns * (1 - 1e-9)) return power * digit;
  return power * 10;
}

std::string tick_text(double ns, double step_ns, double longest_ns) {
  static constexpr struct {
    double ns;
    const char* name;
  } kUnits[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};
  const auto* unit = &kUnits[0];
  for (const auto& larger : kUnits)
    if (step_ns >= larger.ns * 0.01 && longest_ns >= larger.ns * (1 - 1e-9)) unit = &larger;
  int decimals = 0;
  for (double step = step_ns / unit->ns; decimals < 2 && step < 1 - 1e-9; step *= 10) ++decimals;
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%.*f %s", decimals, ns / unit->ns, unit->name);
  return buffer;
}

void paint_ruler(const Frame& frame) {
  const Metrics& m = frame.metrics;
  Canvas& canvas = frame.canvas;
  const double step_ns = tick_ns(frame.scale, static_cast<double>(m.px(92)));
  const auto x_at = [&](double ns) { return std::floor(static_cast<float>(frame.scale.x_of(ns))); };
  float free_x = frame.plot.x0;  // step labels do not touch
  float next_x = frame.plot.x0;  // nor do the lines of many steps hide the rows
  canvas.clip({frame.plot.x0, frame.box.y0, frame.plot.x1, frame.plot.y1});
  const double longest_ns =
      std::max(std::fabs(frame.view.range.begin_ns), std::fabs(frame.view.range.end_ns));
  const double first = std::ceil(frame.view.range.begin_ns / step_ns);
  for (double i = first; i * step_ns < frame.view.range.end_ns; ++i) {
    const float x = x_at(i * step_ns);
    canvas.fill({x, frame.box.y0 + m.px(6), x + 1, frame.plot.y1}, frame.colours.grid);
    const std::string label = tick_text(i * step_ns, step_ns, longest_ns);
    if (x + m.px(4) + canvas.text_width(label, Face::small) < frame.plot.x1)
      canvas.text({x + m.px(4), frame.box.y0 + m.px(6)}, frame.colours.dim_text, label,
                  Face::small);
  }
  for (const Step& step : frame.model.steps()) {
    const float x = x_at(static_cast<double>(step.begin_ns));
    if (!has_step_line(frame.model) || x < next_x || x > frame.plot.x1) continue;
    next_x = x + m.px(16);
    canvas.fill({x, frame.plot.y0 - m.px(14), x + 1, frame.plot.y1}, frame.colours.step);
    const std::string label = text("step ", step.step);
    const float end = x + m.px(4) + canvas.text_width(label, Face::small);
    if (x < free_x || end > frame.plot.x1) continue;
    canvas.text({x + m.px(4), frame.plot.y0 - m.px(17)}, frame.colours.text, label, Face::small);
    free_x = end + m.px(4);
  }
  canvas.unclip();
}

}  // namespace shardpipe::viz
