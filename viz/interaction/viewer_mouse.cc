// What the mouse does, and keys that are held.
#include <algorithm>
#include <cmath>

#include "viz/interaction/viewer.h"

namespace shardpipe::viz {
namespace {

constexpr float kDragFrom = 4;  // pixels: a shorter way is a click

}  // namespace

// Plain wheel over the plot zooms, over the names it scrolls.
void Viewer::zoom_and_pan(const Input& input, const Frame* under_mouse) {
  TimelineView& v = view();
  const bool is_in_plot = under_mouse != nullptr && under_mouse->plot.contains(input.mouse);
  const double middle_ns = (v.range.begin_ns + v.range.end_ns) / 2;
  const double share = is_in_plot ? (static_cast<double>(input.mouse.x) - under_mouse->scale.x0) /
                                        under_mouse->scale.width
                                  : 0.5;
  const double anchor_ns = is_in_plot ? v.range.begin_ns + share * v.range.length_ns() : middle_ns;
  if (is_in_plot && input.wheel != 0) {
    const double notch = input.shift ? 0.5 : input.ctrl ? 0.95 : 0.8;
    v.range = zoomed(v.range, std::pow(notch, static_cast<double>(input.wheel)), anchor_ns);
  } else if (under_mouse != nullptr && input.wheel != 0) {
    const float hidden = std::max(0.0F, under_mouse->layout.height - under_mouse->plot.height());
    for (TimelineView& each : views_)
      each.scroll = std::clamp(each.scroll - 40 * input.wheel, 0.0F, hidden);
  }
  constexpr double kZoomPerSecond = 0.05, kViewsPerSecond = 1;
  const double seconds = static_cast<double>(input.seconds);
  if (input.zoom != 0)
    v.range = zoomed(v.range, std::pow(kZoomPerSecond, seconds * static_cast<double>(input.zoom)),
                     anchor_ns);
  if (input.pan != 0)
    v.range = panned(v.range, kViewsPerSecond * seconds * static_cast<double>(input.pan));
}

// Right button, or space and left: pan. Left: measure from where it went down. Short left: select.
// With Shift, left over the second trace: move it against the first.
void Viewer::drag(const Input& input, const Frame* under_mouse) {
  const bool pans = input.right || (input.left && input.space);
  const bool panned_before = last_.right || (last_.left && last_.space);
  if (pans && panned_before && under_mouse != nullptr)
    view().range = panned(view().range, -static_cast<double>(input.mouse.x - last_.mouse.x) /
                                            under_mouse->scale.width);
  if (input.left && !last_.left && !input.space) {
    pressed_ = input.mouse;
    is_measuring_ = false;
  }
  if (under_mouse == nullptr || pans) return;
  const std::size_t trace = comparison_ && &under_mouse->model == &traces_[1]->model ? 1 : 0;
  if (input.shift && input.left && last_.left && trace == 1) {
    comparison_->shift_ns += std::llround(static_cast<double>(input.mouse.x - last_.mouse.x) /
                                          under_mouse->scale.px_per_ns());
    is_measuring_ = true;
    return;
  }
  if (input.left && last_.left && std::fabs(input.mouse.x - pressed_.x) > kDragFrom)
    is_measuring_ = true;
  if (input.left && is_measuring_ && !input.shift) {
    const double from = under_mouse->scale.ns_at(static_cast<double>(pressed_.x));
    const double to = under_mouse->scale.ns_at(static_cast<double>(input.mouse.x));
    views_[trace].measured = {std::min(from, to), std::max(from, to)};
  }
  if (!input.left && last_.left && !last_.space && !is_measuring_)
    click(*under_mouse, trace, input.mouse);
  if (!input.middle && last_.middle) {
    click(*under_mouse, trace, input.mouse);
    fit_selection();
  }
}

void Viewer::click(const Frame& frame, std::size_t trace, Point at) {
  views_[trace].measured = {0, 0};
  select(trace, selection_at(frame, at));
}

}  // namespace shardpipe::viz
