#include "viz/model/bars.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace shardpipe::viz {
namespace {

// Heights are quantised to quarters of a pixel, so that many neighbours are equal: one bar.
constexpr int kSteps = 4;

constexpr int kLow = 8;  // pixels: of a lower row nobody sees columns of one pixel

using Busy = std::array<std::int64_t, kNumCategories>;  // by ink, ns

// Turns busy shares of slices of the row into stacked bars. A bar grows while the slice beside it
// has the same one, whatever lies above and below.
class Stack {
 public:
  Stack(int height, std::size_t num_inks, std::vector<Bar>& bars)
      : height_(height), num_inks_(num_inks), bars_(bars) {
    latest_.fill(kNone);
  }

  // In [x0, x1) each ink is busy busy_ns[ink] of `length_ns`. Inks end at whole pixels, but for the
  // top of the stack: its last pixel is painted as opaque as it is full, in the colour of the ink
  // that ends there.
  void slice(float x0, float x1, const Busy& busy_ns, double length_ns) {
    if (x1 <= x0) return;
    const double steps_per_ns = height_ * kSteps / length_ns;
    std::array<int, kNumCategories> ends;  // of each ink, in steps
    std::int64_t sum_ns = 0;
    for (std::size_t ink = 0; ink < num_inks_; ++ink) {
      sum_ns += busy_ns[ink];
      ends[ink] = static_cast<int>(static_cast<double>(sum_ns) * steps_per_ns + 0.5);
    }
    const int steps = std::min(ends[num_inks_ - 1], height_ * kSteps), whole = steps / kSteps;
    std::uint8_t top_ink = 0;
    int below = 0, bottom = 0;
    for (std::size_t ink = 0; ink < num_inks_; ++ink) {
      const int end = std::min(ends[ink], steps);
      if (end == below) continue;
      below = end;
      top_ink = static_cast<std::uint8_t>(ink);
      const int top = std::min(whole, (end + kSteps / 2) / kSteps);
      if (top > bottom) add(ink, x0, x1, bottom, top, top_ink, 1);
      bottom = top;
    }
    if (steps % kSteps != 0)
      add(num_inks_, x0, x1, whole, whole + 1, top_ink,
          static_cast<float>(steps % kSteps) / kSteps);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  void add(std::size_t place, float x0, float x1, int bottom, int top, std::uint8_t ink,
           float cover) {
    const Bar bar = {x0, x1, static_cast<float>(bottom), static_cast<float>(top), ink, cover};
    if (latest_[place] != kNone) {
      Bar& left = bars_[latest_[place]];
      if (left.x1 == x0 && left.y0 == bar.y0 && left.y1 == bar.y1 && left.ink == ink &&
          left.cover == cover) {
        left.x1 = x1;
        return;
      }
    }
    latest_[place] = bars_.size();
    bars_.push_back(bar);
  }

  int height_;
  std::size_t num_inks_;
  std::vector<Bar>& bars_;
  std::array<std::size_t, kNumCategories + 1> latest_;  // the last bar of each ink, and of the top
};

class Drawing {
 public:
  Drawing(const Row& row, const Scale& scale, int height, std::vector<Bar>& bars)
      : row_(row),
        scale_(scale),
        px_per_ns_(scale.px_per_ns()),
        height_(height),
        bars_(bars),
        stack_(height, row.inks().size(), bars) {}

  void whole(std::size_t i) {
    const float x0 = x(row_.begin_ns(i)), x1 = x(row_.end_ns(i));
    if (x1 > x0)
      bars_.push_back({.x0 = x0,
                       .x1 = x1,
                       .y0 = 0,
                       .y1 = static_cast<float>(height_),
                       .ink = row_.ink(i),
                       .stretch = static_cast<std::int32_t>(i)});
  }

  // A bin is painted where no long stretch lies over it. That is one interval: a long stretch does
  // not fit between two edges of a bin.
  void level(const Pyramid::Level& level) {
    const auto& longs = level.long_stretches();
    std::size_t next_long = Pyramid::first_long(row_, level, scale_.range.begin_ns);
    std::size_t over = next_long > 0 ? next_long - 1 : 0;  // it may end in the first bin
    Busy busy_ns = {};
    for (std::size_t bin = level.first_ending_after(scale_.range.begin_ns); bin < level.size();
         ++bin) {
      std::int64_t begin_ns = level.begin_ns(bin), end_ns = begin_ns + level.width_ns();
      if (static_cast<double>(begin_ns) >= scale_.range.end_ns) break;
      while (over < longs.size() && row_.end_ns(longs[over]) <= begin_ns) ++over;
      for (std::size_t l = over; l < longs.size() && row_.begin_ns(longs[l]) < end_ns; ++l) {
        if (row_.begin_ns(longs[l]) <= begin_ns)
          begin_ns = row_.end_ns(longs[l]);
        else
          end_ns = row_.begin_ns(longs[l]);
      }
      if (end_ns <= begin_ns) continue;
      for (std::size_t ink = 0; ink < row_.inks().size(); ++ink)
        busy_ns[ink] = level.busy_ns(bin, ink);
      stack_.slice(x(begin_ns), x(end_ns), busy_ns, static_cast<double>(end_ns - begin_ns));
    }
    for (; next_long < longs.size(); ++next_long) {
      if (static_cast<double>(row_.begin_ns(longs[next_long])) >= scale_.range.end_ns) break;
      whole(longs[next_long]);
    }
  }

  // Closer than the finest level: stretches of a pixel or more are painted, the others gathered
  // into slices that are a pixel wide or end where the next wide stretch begins.
  void one_by_one() {
    const double px_ns = 1 / scale_.px_per_ns();
    Busy busy_ns = {};
    double begin_ns = 0, end_ns = 0;  // of the present slice
    const auto end_slice = [&](double at_ns) {
      if (end_ns > begin_ns) stack_.slice(x(begin_ns), x(at_ns), busy_ns, at_ns - begin_ns);
      busy_ns = {};
      begin_ns = end_ns = 0;
    };
    for (std::size_t i = row_.first_ending_after(scale_.range.begin_ns); i < row_.size(); ++i) {
      const double at_ns = static_cast<double>(row_.begin_ns(i));
      if (at_ns >= scale_.range.end_ns) break;
      const bool is_wide = static_cast<double>(row_.length_ns(i)) >= px_ns;
      if (end_ns > begin_ns && (is_wide || at_ns >= begin_ns + px_ns))
        end_slice(std::max(end_ns, std::min(at_ns, begin_ns + px_ns)));
      if (is_wide) {
        whole(i);
        continue;
      }
      if (end_ns <= begin_ns) begin_ns = at_ns;
      end_ns = std::max(end_ns, static_cast<double>(row_.end_ns(i)));
      busy_ns[row_.ink(i)] += row_.length_ns(i);
    }
    end_slice(std::max(end_ns, begin_ns));
  }

 private:
  float x(std::int64_t ns) const { return x(static_cast<double>(ns)); }
  // Scale::clamped_x without its division: this is most of a frame.
  float x(double ns) const {
    const double at = scale_.x0 + (ns - scale_.range.begin_ns) * px_per_ns_;
    return static_cast<float>(std::clamp(at, scale_.x0, scale_.x0 + scale_.width));
  }

  const Row& row_;
  const Scale& scale_;
  const double px_per_ns_;
  int height_;
  std::vector<Bar>& bars_;
  Stack stack_;
};

}  // namespace

void bars_of(const Row& row, const Pyramid& pyramid, const Scale& scale, int height,
             std::vector<Bar>& bars) {
  bars.clear();
  if (row.empty() || scale.width <= 0) return;
  Drawing drawing(row, scale, height, bars);
  const double least_px = height < kLow ? 2 : 1;
  if (const Pyramid::Level* level = pyramid.level_for(least_px / scale.px_per_ns()))
    drawing.level(*level);
  else
    drawing.one_by_one();
}

}  // namespace shardpipe::viz
