#include "viz/picture/screenshot.h"

#include "viz/picture/imgui_canvas.h"
#include "viz/picture/soft_raster.h"

namespace shardpipe::viz {
namespace {

// ImGui's state, for as long as this lives.
class Context {
 public:
  Context() : context_(ImGui::CreateContext()) {
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DeltaTime = 1.0F / 60;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;  // more than 65,536 vertices
  }
  ~Context() { ImGui::DestroyContext(context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

 private:
  ImGuiContext* context_;
};

}  // namespace

Image screenshot(const PictureSize& size, Colour background,
                 const std::function<void(Canvas&)>& paint) {
  const Context context;
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {static_cast<float>(size.width), static_cast<float>(size.height)};
  const Fonts fonts = load_fonts(*io.Fonts, size.system_font ? system_font_file() : "", size.scale);
  const SoftwareRaster raster(*io.Fonts);
  ImGui::NewFrame();
  ImGuiCanvas canvas(*ImGui::GetBackgroundDrawList(), fonts);
  paint(canvas);
  ImGui::Render();
  return raster.render(*ImGui::GetDrawData(), background);
}

}  // namespace shardpipe::viz
