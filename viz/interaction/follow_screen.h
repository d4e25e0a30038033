#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "viz/interaction/viewer.h"

namespace shardpipe::viz {

// A trace that grows while it is looked at: the viewer, with what is new at each frame.
class FollowScreen : public Screen {
 public:
  // newer: called at each frame; the trace, if it is another one than at the last call; what it
  // throws is shown, beside what was there. make: the viewer of the first trace.
  using Newer = std::function<std::optional<Trace>()>;
  using Make = std::function<std::unique_ptr<Viewer>(Trace)>;
  // waiting: shown until there is a first one.
  FollowScreen(Newer newer, Make make, std::string waiting, bool is_dark);

  void frame(Canvas& canvas, const Box& box, const Metrics& metrics, const Input& input) override;
  bool is_typing() const override { return viewer_ && viewer_->is_typing(); }
  int height(float width, const Metrics& metrics) const override;

  Viewer* viewer() { return viewer_.get(); }  // null before the first trace

 private:
  void look();

  const Newer newer_;
  const Make make_;
  std::string waiting_;
  const bool is_dark_;
  std::unique_ptr<Viewer> viewer_;
};

}  // namespace shardpipe::viz
