#include "viz/draw/palette.h"

namespace shardpipe::viz {
namespace {

constexpr Palette kDark = {.background = {22, 25, 30},
                           .lane = {33, 37, 44},
                           .band = {27, 30, 36},
                           .text = {226, 229, 234},
                           .dim_text = {150, 156, 166},
                           .grid = {255, 255, 255, 20},
                           .step = {255, 255, 255, 110},
                           .hatch = {122, 128, 140, 150},
                           .exposed = {240, 228, 66},
                           .critical = {255, 255, 255},
                           .selected = {255, 255, 255},
                           .flow = {255, 255, 255, 190},
                           .shorter = {60, 220, 160},
                           .longer = {255, 150, 205},
                           .only_here = {255, 255, 255},
                           .is_dark = true};

constexpr Palette kLight = {.background = {255, 255, 255},
                            .lane = {237, 240, 244},
                            .band = {248, 249, 251},
                            .text = {28, 31, 36},
                            .dim_text = {98, 105, 116},
                            .grid = {0, 0, 0, 24},
                            .step = {0, 0, 0, 120},
                            .hatch = {140, 147, 158, 170},
                            .exposed = {20, 22, 26},
                            .critical = {0, 0, 0},
                            .selected = {0, 0, 0},
                            .flow = {30, 30, 30, 200},
                            .shorter = {0, 120, 85},
                            .longer = {180, 30, 120},
                            .only_here = {0, 0, 0},
                            .is_dark = false};

}  // namespace

Colour Palette::of(Category category) const {
  switch (category) {
    case Category::forward: return {0, 114, 178};
    case Category::backward: return {213, 94, 0};
    case Category::backward_input: return {0, 158, 115};
    case Category::backward_weight: return {204, 121, 167};
    case Category::other: return is_dark ? Colour{128, 134, 146} : Colour{138, 144, 156};
    case Category::collective: return {230, 159, 0};
    case Category::exchange: return {86, 180, 233};
    case Category::copy: return {150, 126, 84};
    case Category::host: return {170, 170, 170};
    case Category::wait: return is_dark ? Colour{84, 80, 104} : Colour{196, 192, 214};
    case Category::exposed: return exposed;
    case Category::idle: return lane;
  }
  return text;
}

const Palette& palette(bool is_dark) { return is_dark ? kDark : kLight; }

Colour ink_on(Colour colour) {
  const int luma = (299 * colour.r + 587 * colour.g + 114 * colour.b) / 1000;
  return luma > 135 ? Colour{18, 20, 24} : Colour{255, 255, 255};
}

}  // namespace shardpipe::viz
