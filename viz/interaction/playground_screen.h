#pragma once

#include <memory>

#include "viz/interaction/viewer.h"
#include "viz/model/playground.h"

namespace shardpipe::viz {

// The playground: knobs at the bottom, above them the schedule they make. Drag along a knob, or
// turn the wheel over it; everything else is as in the viewer.
class PlaygroundScreen : public Screen {
 public:
  explicit PlaygroundScreen(const PlaygroundSettings& settings, bool is_dark = true);

  void frame(Canvas& canvas, const Box& box, const Metrics& metrics, const Input& input) override;
  bool is_typing() const override { return viewer_ && viewer_->is_typing(); }

  const PlaygroundSettings& settings() const { return settings_; }
  const Played& played() const { return played_; }
  Viewer* viewer() { return viewer_.get(); }  // null where there is no such schedule

  int height(float width, const Metrics& metrics) const override;
  // Where knob i is, in a picture of that size.
  static Box knob_box(const Box& box, const Metrics& metrics, std::size_t i);

 private:
  void make();
  void paint_knobs(Canvas& canvas, const Box& box, const Metrics& metrics) const;
  Box viewer_box(const Box& box, const Metrics& metrics) const;

  PlaygroundSettings settings_;
  Played played_;
  std::unique_ptr<Viewer> viewer_;
  bool is_dark_ = true;
  int dragged_ = -1;  // knob under the button when it went down
  bool was_down_ = false;
};

}  // namespace shardpipe::viz
