#include "core/schedule/decode_ring.h"

#include <algorithm>

#include "core/base/error.h"

namespace shardpipe {

DecodeRing::DecodeRing(int stages, int groups, int rounds, int lag)
    : stages_(stages), groups_(groups), rounds_(rounds), lag_(stages == 1 ? 1 : lag) {
  if (stages < 1 || groups < 1 || rounds < 1)
    usage_error(text("an inference pipeline of ", stages, " stages, ", groups, " groups and ",
                     rounds, " new tokens: each must be at least 1"));
  if (lag != 1 && lag != 2) usage_error(text("a lag of ", lag, " ticks (allowed: 1, 2)"));
}

int DecodeRing::period() const { return std::max(groups_, stages_ * lag_); }

int DecodeRing::ticks() const { return (rounds_ - 1) * period() + groups_ + (stages_ - 1) * lag_; }

std::optional<RingItem> DecodeRing::item(int stage, int tick) const {
  const int since = tick - stage * lag_;
  if (since < 0) return {};
  const RingItem item = {.round = since / period(), .group = since % period()};
  if (item.round >= rounds_ || item.group >= groups_) return {};
  return item;
}

std::string draw(const DecodeRing& ring, int ticks) {
  const std::string names = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string picture;
  for (int stage = 0; stage < ring.stages(); ++stage) {
    picture += text("stage ", stage, "  ");
    for (int tick = 0; tick < ticks; ++tick) {
      const auto item = ring.item(stage, tick);
      picture += item ? names[static_cast<std::size_t>(item->group) % names.size()] : '.';
    }
    picture += "\n";
  }
  return picture;
}

}  // namespace shardpipe
