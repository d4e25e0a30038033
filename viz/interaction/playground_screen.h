#pragma once

#include <memory>

#include "viz/interaction/viewer.h"
#include "viz/model/challenges.h"
#include "viz/model/playground.h"

namespace shardpipe::viz {

// The playground: knobs at the bottom, above them the schedule they make, its figures and what each
// rank needs. Drag along a knob, or turn the wheel over it; N begins the next challenge; everything
// else is as in the viewer.
class PlaygroundScreen : public Screen {
 public:
  explicit PlaygroundScreen(const PlaygroundSettings& settings, bool is_dark = true);

  void frame(Canvas& canvas, const Box& box, const Metrics& metrics, const Input& input) override;
  bool is_typing() const override { return viewer_ && viewer_->is_typing(); }

  const PlaygroundSettings& settings() const { return settings_; }
  const Played& played() const { return played_; }
  void begin_challenge(std::size_t number);  // from 0; beyond the last: none
  // Null where none was begun.
  const Challenge* challenge() const {
    return challenge_ < challenges().size() ? &challenges()[challenge_] : nullptr;
  }
  Viewer* viewer() { return viewer_.get(); }  // null where there is no such schedule

  int height(float width, const Metrics& metrics) const override;
  // Where knob i is, in a picture of that size.
  static Box knob_box(const Box& box, const Metrics& metrics, std::size_t i);

 private:
  void make();
  void paint_panel(Canvas& canvas, const Box& box, const Metrics& metrics) const;
  std::vector<std::string> words() const;
  Box viewer_box(const Box& box, const Metrics& metrics) const;

  PlaygroundSettings settings_;
  Played played_;
  std::unique_ptr<Viewer> viewer_;
  bool is_dark_ = true;
  std::size_t challenge_ = challenges().size();
  int dragged_ = -1;  // knob under the button when it went down
  bool was_down_ = false;
};

}  // namespace shardpipe::viz
