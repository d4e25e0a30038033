#pragma once

#include <imgui.h>

#include <array>

#include "viz/draw/canvas.h"

namespace shardpipe::viz {

// The three faces of a Canvas in an atlas. All of ImGui's own widgets use Face::normal.
struct Fonts {
  std::array<ImFont*, 3> faces = {};
  std::array<float, 3> sizes = {};  // pixels; ImFont does not say it alike in all versions

  ImFont* of(Face face) const { return faces[static_cast<std::size_t>(face)]; }
  float size(Face face) const { return sizes[static_cast<std::size_t>(face)]; }
};

// Which file the faces come from: DejaVu Sans, Noto Sans or Liberation Sans where the system has
// them; "" where it has none.
const char* system_font_file();

// From `file`, or, with "", the bitmap font built into ImGui (the same on every machine: for
// tests). `scale`: pixels of the screen per pixel of the design. usage_error if it cannot be read.
Fonts load_fonts(ImFontAtlas& atlas, const char* file, float scale);

}  // namespace shardpipe::viz
