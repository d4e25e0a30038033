#include "viz/interaction/viewer.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "viz/interaction/help.h"
#include "viz/model/tables.h"

namespace shardpipe::viz {
namespace {

// The span of another moment of the run that began when this one did; none if it is gone.
Selection same_span(const TimelineModel& old, std::int32_t at, const TimelineModel& now) {
  const Span& span = old.span(at);
  const Lane& lane = old.trace().lanes[static_cast<std::size_t>(span.lane)];
  for (std::size_t i = 0; i < now.trace().spans.size(); ++i) {
    const Span& other = now.trace().spans[i];
    const Lane& its = now.trace().lanes[static_cast<std::size_t>(other.lane)];
    if (other.posted_ns == span.posted_ns && its.rank == lane.rank && its.stream == lane.stream)
      return selection_of(now, static_cast<std::int32_t>(i));
  }
  return {};
}

const Frame* frame_under(const std::vector<Frame>& frames, Point at) {
  for (const Frame& frame : frames)
    if (frame.box.contains(at)) return &frame;
  return nullptr;
}

}  // namespace

Viewer::Viewer(std::vector<std::unique_ptr<NamedModel>> traces, std::string hardware)
    : traces_(std::move(traces)), hardware_(std::move(hardware)), views_(traces_.size()) {
  if (traces_.size() > 1) comparison_ = compare(traces_[0]->model, traces_[1]->model);
  whole_ns_ = std::max(1.0, static_cast<double>(traces_[0]->model.end_ns()));
  if (comparison_)
    whole_ns_ = std::max(whole_ns_,
                         static_cast<double>(traces_[1]->model.end_ns() + comparison_->shift_ns));
  whole();
}

std::vector<Frame> Viewer::paint(Canvas& canvas, const Box& box, const Metrics& metrics) const {
  std::vector<Frame> frames;
  if (comparison_ && !is_alone_) {
    const ComparedFrames both =
        paint_comparison(canvas, compared(), views_[0], views_[1], box, metrics);
    frames.push_back(both.a);
    frames.push_back(both.b);
  } else {
    const NamedModel& trace = *traces_[active_];
    frames.push_back(paint_page(canvas, trace.model, views_[active_], trace.name, box, metrics,
                                active_ == 1 ? &*comparison_ : nullptr));
  }
  if (search_) paint_search(canvas, box, metrics, palette(view().is_dark), *search_);
  if (shows_help_) paint_help(canvas, box, metrics, palette(view().is_dark));
  return frames;
}

Compared Viewer::compared() const {
  return {traces_[0]->model, traces_[1]->model, traces_[0]->name, traces_[1]->name, *comparison_};
}

int Viewer::height(float width, const Metrics& metrics) const {
  if (comparison_ && !is_alone_)
    return comparison_height(compared(), view(), view(), width, metrics);
  return page_height(traces_[active_]->model, views_[active_], width, metrics);
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
  if (input.tab) next_trace();
  if (input.escape) {
    const bool had_overlay = shows_help_ || search_;
    shows_help_ = false;
    search_.reset();
    view().note.clear();
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

bool Viewer::command(char letter, const Frame* under_mouse, const Input& input) {
  TimelineView& v = view();
  v.note.clear();
  switch (letter) {
    case '0': whole(); break;
    case 'f': fit_selection(); break;
    case 'b': v.shows_bubbles = !v.shows_bubbles; break;
    case 'o': v.shows_exposed = !v.shows_exposed; break;
    case 'x': v.shows_flows = !v.shows_flows; break;
    case 'p': v.shows_critical_path = !v.shows_critical_path; break;
    case 'l': v.is_dark = !v.is_dark; break;
    case 'g': show_ideal(!traces_[active_]->model.shows_ideal()); break;
    case 'i': show_table(Asked::what_if); break;
    case 'h': show_table(Asked::prediction); break;
    case '=': align(); break;
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
    default: return false;
  }
  return true;
}

void Viewer::grow(TimelineModel model) {
  TimelineView& v = view();
  const TimelineModel& old = traces_[0]->model;
  const bool saw_whole = v.range.begin_ns <= 0 && v.range.end_ns >= whole_ns_;
  if (v.selected.what == Selection::What::span)
    v.selected = same_span(old, v.selected.span, model);
  else if (v.selected.what == Selection::What::gap)
    v.selected = selection_again(model, v.selected);
  const bool shows_ideal = old.shows_ideal();
  traces_[0]->model = std::move(model);
  whole_ns_ = std::max(1.0, static_cast<double>(traces_[0]->model.end_ns()));
  if (saw_whole) whole();
  if (shows_ideal) show_ideal(true);
  make_table();
}

void Viewer::show_ideal(bool shows) {
  for (const auto& trace : traces_)
    if (const std::string refusal = trace->model.show_ideal(shows); !refusal.empty())
      view().note = text("no ideal schedule of ", trace->name, ": ", refusal);
}

// Asked for twice, a table goes away.
void Viewer::show_table(Asked asked) {
  asked_ = asked_ == asked ? Asked::nothing : asked;
  make_table();
}

void Viewer::make_table() {
  const NamedModel& trace = *traces_[active_];
  Table& table = view().table = {};
  try {
    if (asked_ == Asked::what_if) table = what_if_table(trace.model.trace());
    if (asked_ == Asked::prediction) table = prediction_table(trace.model.trace(), hardware_);
  } catch (const Error& e) {  // a profile that is unknown or too small
    view().note = e.what();
  }
  if (comparison_ && !table.empty()) table.columns[0] += ", " + trace.name;
}

// Both, the first alone, the second alone.
void Viewer::next_trace() {
  if (!comparison_) return;
  if (is_alone_ && active_ == 1) {
    is_alone_ = false;
    active_ = 0;
  } else {
    active_ = is_alone_ ? 1 : 0;
    is_alone_ = true;
  }
  make_table();
}

void Viewer::type(const Input& input) {
  *search_ += input.typed;
  if (input.erase && !search_->empty()) search_->pop_back();
  if (input.enter) find_next();
}

}  // namespace shardpipe::viz
