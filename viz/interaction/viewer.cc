#include "viz/interaction/viewer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "viz/interaction/help.h"

namespace shardpipe::viz {
namespace {

constexpr float kDragFrom = 4;  // pixels: a shorter way is a click

const Frame* frame_under(const std::vector<Frame>& frames, Point at) {
  for (const Frame& frame : frames)
    if (frame.box.contains(at)) return &frame;
  return nullptr;
}

}  // namespace

Viewer::Viewer(std::vector<std::unique_ptr<NamedModel>> traces)
    : traces_(std::move(traces)), views_(traces_.size()) {
  if (traces_.size() > 1) comparison_ = compare(traces_[0]->model, traces_[1]->model);
  whole_ns_ = std::max(1.0, static_cast<double>(traces_[0]->model.end_ns()));
  if (comparison_)
    whole_ns_ = std::max(whole_ns_,
                         static_cast<double>(traces_[1]->model.end_ns() + comparison_->shift_ns));
  whole();
}

std::vector<Frame> Viewer::paint(Canvas& canvas, const Box& box, const Metrics& metrics) const {
  std::vector<Frame> frames;
  if (comparison_) {
    const Compared compared = {traces_[0]->model, traces_[1]->model, traces_[0]->name,
                               traces_[1]->name, *comparison_};
    const ComparedFrames both =
        paint_comparison(canvas, compared, views_[0], views_[1], box, metrics);
    frames.push_back(both.a);
    frames.push_back(both.b);
  } else {
    frames.push_back(
        paint_page(canvas, traces_[0]->model, views_[0], traces_[0]->name, box, metrics));
  }
  if (search_) paint_search(canvas, box, metrics, palette(view().is_dark), *search_);
  if (shows_help_) paint_help(canvas, box, metrics, palette(view().is_dark));
  return frames;
}

int Viewer::height(float width, const Metrics& metrics) const {
  if (!comparison_) return page_height(traces_[0]->model, view(), width, metrics);
  const Compared compared = {traces_[0]->model, traces_[1]->model, traces_[0]->name,
                             traces_[1]->name, *comparison_};
  return comparison_height(compared, view(), width, metrics);
}

void Viewer::handle(const Input& input, const std::vector<Frame>& frames) {
  const Frame* under_mouse = frame_under(frames, input.mouse);
  drag(input, under_mouse);
  if (search_) {
    type(input);
  } else {
    zoom_and_pan(input, under_mouse);
    for (const char letter : input.typed) command(letter, under_mouse, input);
  }
  if (input.escape) {
    const bool had_overlay = shows_help_ || search_;
    shows_help_ = false;
    search_.reset();
    if (!had_overlay) {
      for (TimelineView& v : views_) {
        v.selected = {};
        v.measured = {0, 0};
      }
    }
  }
  view().range = kept_near(view().range, whole_ns_);
  couple();
  last_ = input;
}

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
  if (input.left && last_.left && std::fabs(input.mouse.x - pressed_.x) > kDragFrom)
    is_measuring_ = true;
  if (input.left && is_measuring_) {
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

void Viewer::select(std::size_t trace, const Selection& selection) {
  for (TimelineView& v : views_) v.selected = {};
  views_[trace].selected = selection;
  active_ = trace;
}

void Viewer::command(char letter, const Frame* under_mouse, const Input& input) {
  TimelineView& v = view();
  switch (letter) {
    case '0': whole(); break;
    case 'f': fit_selection(); break;
    case 'b': v.shows_bubbles = !v.shows_bubbles; break;
    case 'o': v.shows_exposed = !v.shows_exposed; break;
    case 'x': v.shows_flows = !v.shows_flows; break;
    case 'p': v.shows_critical_path = !v.shows_critical_path; break;
    case 'l': v.is_dark = !v.is_dark; break;
    case '?': shows_help_ = !shows_help_; break;
    case '/': search_ = ""; break;
    case ',': step_in_row(-1); break;
    case '.': step_in_row(1); break;
    case '[': follow(-1); break;
    case ']': follow(1); break;
    case 'm':
      if (under_mouse != nullptr && under_mouse->plot.contains(input.mouse))
        v.marks_ns.push_back(v.range.begin_ns +
                             under_mouse->scale.ns_at(static_cast<double>(input.mouse.x)) -
                             under_mouse->view.range.begin_ns);
      break;
    case 'M': v.marks_ns.clear(); break;
    case 'c':
      if (under_mouse != nullptr)
        if (const Place place = place_at(*under_mouse, input.mouse); place.row != nullptr)
          if (!v.collapsed_ranks.erase(place.row->group->rank))
            v.collapsed_ranks.insert(place.row->group->rank);
      break;
    default: break;
  }
}

void Viewer::type(const Input& input) {
  *search_ += input.typed;
  if (input.erase && !search_->empty()) search_->pop_back();
  if (input.enter) find_next();
}

void Viewer::whole() {
  view().range = {0, whole_ns_};
  couple();
}

void Viewer::fit_selection() {
  const Selection& s = views_[active_].selected;
  if (s.what == Selection::What::none) return;
  const double begin_ns = static_cast<double>(s.begin_ns), end_ns = static_cast<double>(s.end_ns);
  const double margin_ns = std::max(0.6 * (end_ns - begin_ns), kShortestView_ns);
  ViewRange range = {begin_ns - margin_ns, end_ns + margin_ns};
  if (active_ == 1)
    range = panned(range, static_cast<double>(comparison_->shift_ns) / range.length_ns());
  view().range = range;
}

// The span before or after the selected one in its stream.
void Viewer::step_in_row(int by) {
  const Selection& s = views_[active_].selected;
  const TimelineModel& model = traces_[active_]->model;
  if (s.what != Selection::What::span) return;
  const std::int32_t next = s.span + by;
  const auto spans = static_cast<std::int32_t>(model.trace().spans.size());
  if (next < 0 || next >= spans || model.span(next).lane != model.span(s.span).lane) return;
  select(active_, selection_of(model, next));
}

// The next rank of the same meeting, in the order of ranks.
void Viewer::follow(int by) {
  const Selection& s = views_[active_].selected;
  const TimelineModel& model = traces_[active_]->model;
  if (s.what != Selection::What::span) return;
  std::vector<std::int32_t> met = partners_of(model.trace(), s.span);
  if (met.empty()) return;
  met.push_back(s.span);
  std::sort(met.begin(), met.end());
  const auto at = std::find(met.begin(), met.end(), s.span) - met.begin();
  const auto size = static_cast<std::ptrdiff_t>(met.size());
  select(active_, selection_of(model, met[static_cast<std::size_t>((at + by + size) % size)]));
}

// The next span, in order of lanes and time, whose name holds what was typed.
void Viewer::find_next() {
  const TimelineModel& model = traces_[active_]->model;
  const auto spans = static_cast<std::int32_t>(model.trace().spans.size());
  const Selection& s = views_[active_].selected;
  const std::int32_t first = s.what == Selection::What::span ? s.span + 1 : 0;
  for (std::int32_t i = 0; i < spans; ++i) {
    const std::int32_t at = (first + i) % spans;
    if (model.name(model.span(at)).find(*search_) == std::string::npos) continue;
    select(active_, selection_of(model, at));
    fit_selection();
    return;
  }
}

// The second trace shows what lies under the first, in the same way.
void Viewer::couple() {
  if (!comparison_) return;
  const Selection selected = views_[1].selected;
  const ViewRange measured = views_[1].measured;
  views_[1] = views_[0];
  views_[1].selected = selected;
  views_[1].measured = measured;
  views_[1].range = shifted(views_[0].range, *comparison_);
  for (double& mark_ns : views_[1].marks_ns) mark_ns -= static_cast<double>(comparison_->shift_ns);
}

}  // namespace shardpipe::viz
