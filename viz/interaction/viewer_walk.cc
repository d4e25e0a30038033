// From one operation to another, and the view that follows.
#include <algorithm>

#include "viz/interaction/viewer.h"

namespace shardpipe::viz {

void Viewer::select(std::size_t trace, const Selection& selection) {
  for (TimelineView& v : views_) v.selected = {};
  views_[trace].selected = selection;
  active_ = trace;
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

// First steps together again.
void Viewer::align() {
  if (comparison_) comparison_->shift_ns = first_steps_shift(traces_[0]->model, traces_[1]->model);
}

void Viewer::show(const TimelineView& view) {
  views_[0] = view;
  couple();
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
