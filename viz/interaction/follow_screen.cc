#include "viz/interaction/follow_screen.h"

#include <utility>

#include "core/base/error.h"

namespace shardpipe::viz {

FollowScreen::FollowScreen(Newer newer, Make make, std::string waiting, bool is_dark)
    : newer_(std::move(newer)),
      make_(std::move(make)),
      waiting_(std::move(waiting)),
      is_dark_(is_dark) {
  look();
}

void FollowScreen::look() {
  try {
    std::optional<Trace> trace = newer_();
    if (!trace) return;
    if (viewer_)
      viewer_->grow(TimelineModel(std::move(*trace)));
    else
      viewer_ = make_(std::move(*trace));
  } catch (const Error& e) {
    (viewer_ ? viewer_->view().note : waiting_) = e.what();
  }
}

void FollowScreen::frame(Canvas& canvas, const Box& box, const Metrics& metrics,
                         const Input& input) {
  look();
  if (viewer_) {
    viewer_->frame(canvas, box, metrics, input);
    return;
  }
  const Palette& colours = palette(is_dark_);
  canvas.clip(box);
  canvas.fill(box, colours.background);
  canvas.text({box.x0 + metrics.px(12), box.y0 + metrics.px(12)}, colours.text, waiting_,
              Face::normal);
  canvas.unclip();
}

int FollowScreen::height(float width, const Metrics& metrics) const {
  return viewer_ ? viewer_->height(width, metrics) : static_cast<int>(metrics.px(40));
}

}  // namespace shardpipe::viz
