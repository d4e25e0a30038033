// Viewer: one trace or two, what is shown of them, and how keys and mouse change it. Painted on any
// canvas; the window program only passes on what it is told (app/window.cc).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "viz/draw/comparison_page.h"
#include "viz/interaction/screen.h"

namespace shardpipe::viz {

class Viewer : public Screen {
 public:
  // One trace, or two to compare. hardware: profile to predict with; "": that of the trace.
  explicit Viewer(std::vector<std::unique_ptr<NamedModel>> traces, std::string hardware = "");

  // Paints the page; the frames of its timelines, for handle().
  std::vector<Frame> paint(Canvas& canvas, const Box& box, const Metrics& metrics) const;

  // What the input of this frame does, given what is on the screen.
  void handle(const Input& input, const std::vector<Frame>& frames);

  void frame(Canvas& canvas, const Box& box, const Metrics& metrics, const Input& input) override {
    handle(input, paint(canvas, box, metrics));
  }
  // Shows the first trace so, and the second beside it in the same way.
  void show(const TimelineView& view);
  // The only trace, of the same run at a later moment: what was in view or selected stays so, and
  // who saw the whole sees the whole.
  void grow(TimelineModel model);
  // What a letter asks for; false if it asks for nothing. under_mouse: may be null.
  bool command(char letter, const Frame* under_mouse, const Input& input);
  bool is_typing() const override { return search_.has_value(); }
  int height(float width, const Metrics& metrics) const override;

  const TimelineView& view() const { return views_[0]; }
  TimelineView& view() { return views_[0]; }
  const TimelineView& view_of(std::size_t trace) const { return views_[trace]; }
  bool shows_help() const { return shows_help_; }
  const std::optional<std::string>& search() const { return search_; }
  double whole_ns() const { return whole_ns_; }
  std::size_t active() const { return active_; }
  std::int64_t shift_ns() const { return comparison_ ? comparison_->shift_ns : 0; }

 private:
  void zoom_and_pan(const Input& input, const Frame* under_mouse);
  void drag(const Input& input, const Frame* under_mouse);
  void click(const Frame& frame, std::size_t trace, Point at);
  void type(const Input& input);
  void fit_selection();
  void whole();
  void step_in_row(int by);
  void follow(int by);
  void find_next();
  void select(std::size_t trace, const Selection& selection);
  void couple();
  void align();
  void next_trace();
  void show_ideal(bool shows);
  Compared compared() const;

  enum class Asked : std::uint8_t { nothing, what_if, prediction };
  void show_table(Asked asked);
  void make_table();

  std::vector<std::unique_ptr<NamedModel>> traces_;
  std::string hardware_;
  std::optional<Comparison> comparison_;
  std::vector<TimelineView> views_;
  std::size_t active_ = 0;  // the trace that has the selection, and is asked about
  bool is_alone_ = false;   // of two traces only the active one is shown
  Asked asked_ = Asked::nothing;
  double whole_ns_ = 1;
  bool shows_help_ = false;
  std::optional<std::string> search_;  // while it is typed
  Input last_;
  Point pressed_ = {};  // where the left button went down
  bool is_measuring_ = false;
};

}  // namespace shardpipe::viz
