#include "viz/picture/fonts.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/input_file.h"

namespace shardpipe::viz {
namespace {

constexpr float kSizes[] = {12, 14, 19};  // small, normal, title

constexpr const char* kFiles[] = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",    // Debian, Ubuntu
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",  // Fedora
    "/usr/share/fonts/TTF/DejaVuSans.ttf",                // Arch
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
};

// ImGui would end the process if it cannot read a file.
std::string bytes_of(const char* file) {
  if (file[0] == '\0') return "";
  return InputFile(file, {.what = "a font", .most_bytes = 64 * kMiB}).all();
}

// The atlas frees what it is given.
ImFont* add_font(ImFontAtlas& atlas, const std::string& bytes, const ImFontConfig& config) {
  void* copy = ImGui::MemAlloc(bytes.size());
  std::memcpy(copy, bytes.data(), bytes.size());
  return atlas.AddFontFromMemoryTTF(copy, static_cast<int>(bytes.size()), config.SizePixels,
                                    &config);
}

}  // namespace

const char* system_font_file() {
  for (const char* file : kFiles)
    if (access(file, R_OK) == 0) return file;
  return "";
}

Fonts load_fonts(ImFontAtlas& atlas, const char* file, float scale) {
  Fonts fonts;
  const std::string bytes = bytes_of(file);
  // ImGui takes the first font of an atlas for its own widgets.
  for (const Face face : {Face::normal, Face::small, Face::title}) {
    ImFontConfig config;
    // Letters on whole pixels: sharp, and the same in the window and in a file.
    config.OversampleH = config.OversampleV = 1;
    config.PixelSnapH = true;
    config.SizePixels = std::round(kSizes[static_cast<int>(face)] * scale);
    ImFont* font = nullptr;
    if (!bytes.empty()) font = add_font(atlas, bytes, config);
    if (font == nullptr) {
      config.SizePixels = 13 * std::max(1.0F, std::floor(scale));
      font = atlas.AddFontDefault(&config);
    }
    fonts.faces[static_cast<std::size_t>(face)] = font;
    fonts.sizes[static_cast<std::size_t>(face)] = config.SizePixels;
  }
  return fonts;
}

}  // namespace shardpipe::viz
