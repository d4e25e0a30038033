// Draw data of Dear ImGui as pixels, without a display, OpenGL or a GPU; the same on every machine.
// Coverage by pixel centres (top-left rule), textures bilinear, blending in eight bits: what OpenGL
// does without multisampling, but for single levels of rounding.
#pragma once

#include <imgui.h>

#include <vector>

#include "viz/draw/canvas.h"
#include "viz/picture/image.h"

namespace shardpipe::viz {

class SoftwareRaster {
 public:
  // Keeps a copy of the atlas' letters: its alpha, for all of it is white.
  explicit SoftwareRaster(ImFontAtlas& atlas);

  // About 10 ns a covered pixel. Callbacks in the draw data are passed over.
  Image render(const ImDrawData& data, Colour background) const;

 private:
  std::vector<std::uint8_t> atlas_;
  int atlas_width_ = 0, atlas_height_ = 0;
};

}  // namespace shardpipe::viz
