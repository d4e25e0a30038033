// The window: GLFW, OpenGL 3.3 and Dear ImGui's back ends for them.
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/error.h"
#include "viz/app/window.h"
#include "viz/interaction/help.h"
#include "viz/picture/image.h"
#include "viz/picture/imgui_canvas.h"

namespace shardpipe::viz {
namespace {

std::string last_glfw_error() {
  const char* words = nullptr;
  glfwGetError(&words);
  return words != nullptr ? words : "no reason given";
}

class Glfw {
 public:
  Glfw() {
    if (glfwInit() != GLFW_TRUE)
      fail(ExitCode::absent, text("no window can be opened here (", last_glfw_error(),
                                  "); use --screenshot FILE.png, which needs no display"));
  }
  ~Glfw() { glfwTerminate(); }
  Glfw(const Glfw&) = delete;
  Glfw& operator=(const Glfw&) = delete;
};

struct CloseWindow {
  void operator()(GLFWwindow* window) const { glfwDestroyWindow(window); }
};
using WindowHandle = std::unique_ptr<GLFWwindow, CloseWindow>;

// No larger than what the screen has left beside its panels.
void fit_screen(int& width, int& height) {
  int x = 0, y = 0, most_width = 0, most_height = 0;
  if (GLFWmonitor* screen = glfwGetPrimaryMonitor())
    glfwGetMonitorWorkarea(screen, &x, &y, &most_width, &most_height);
  if (most_width > 0) width = std::min(width, most_width);
  if (most_height > 0) height = std::min(height, most_height);
}

WindowHandle open_window(int width, int height, const std::string& title) {
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  fit_screen(width, height);
  WindowHandle window(glfwCreateWindow(width, height, title.c_str(), nullptr, nullptr));
  if (!window) fail(ExitCode::absent, text("no window with OpenGL 3.3 here: ", last_glfw_error()));
  glfwMakeContextCurrent(window.get());
  glfwSwapInterval(1);
  // A key or button that goes down and up between two frames counts.
  glfwSetInputMode(window.get(), GLFW_STICKY_KEYS, GLFW_TRUE);
  glfwSetInputMode(window.get(), GLFW_STICKY_MOUSE_BUTTONS, GLFW_TRUE);
  return window;
}

// ImGui and its back ends, for as long as the window is open.
class Gui {
 public:
  explicit Gui(GLFWwindow* window) {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui_ImplGlfw_InitForOpenGL(window, true);
    ImGui_ImplOpenGL3_Init("#version 330 core");
  }
  ~Gui() {
    ImGui_ImplOpenGL3_Shutdown();
    ImGui_ImplGlfw_Shutdown();
    ImGui::DestroyContext();
  }
  Gui(const Gui&) = delete;
  Gui& operator=(const Gui&) = delete;
};

// Keys that act once are those that were up in the frame before.
class Keyboard {
 public:
  explicit Keyboard(GLFWwindow* window) : window_(window) {}

  bool is_down(int key) const { return glfwGetKey(window_, key) == GLFW_PRESS; }
  bool is_pressed(int key) {
    const bool down = is_down(key), was_down = down_[static_cast<std::size_t>(key)];
    down_[static_cast<std::size_t>(key)] = down;
    return down && !was_down;
  }
  float axis(int more, int more_too, int less, int less_too) const {
    return static_cast<float>(is_down(more) || is_down(more_too)) -
           static_cast<float>(is_down(less) || is_down(less_too));
  }

 private:
  GLFWwindow* window_;
  std::array<bool, GLFW_KEY_LAST + 1> down_ = {};
};

Input input_of(GLFWwindow* window, Keyboard& keys, bool is_typing) {
  const ImGuiIO& io = ImGui::GetIO();
  const auto button = [&](int b) { return glfwGetMouseButton(window, b) == GLFW_PRESS; };
  Input input{.mouse = {io.MousePos.x, io.MousePos.y},
              .wheel = io.MouseWheel,
              .ctrl = io.KeyCtrl,
              .shift = io.KeyShift,
              .space = keys.is_down(GLFW_KEY_SPACE),
              .left = button(GLFW_MOUSE_BUTTON_LEFT),
              .right = button(GLFW_MOUSE_BUTTON_RIGHT),
              .middle = button(GLFW_MOUSE_BUTTON_MIDDLE),
              .escape = keys.is_pressed(GLFW_KEY_ESCAPE),
              .enter = keys.is_pressed(GLFW_KEY_ENTER),
              .erase = keys.is_pressed(GLFW_KEY_BACKSPACE),
              .tab = keys.is_pressed(GLFW_KEY_TAB),
              .seconds = io.DeltaTime};
  if (!is_typing) {
    input.zoom = keys.axis(GLFW_KEY_W, GLFW_KEY_UP, GLFW_KEY_S, GLFW_KEY_DOWN);
    input.pan = keys.axis(GLFW_KEY_D, GLFW_KEY_RIGHT, GLFW_KEY_A, GLFW_KEY_LEFT);
  }
  for (const ImWchar letter : io.InputQueueCharacters)
    if (letter < 128) input.typed += static_cast<char>(letter);
  return input;
}

// Before the buffers are swapped: afterwards the back buffer is undefined.
Image framebuffer(GLFWwindow* window) {
  Image image;
  glfwGetFramebufferSize(window, &image.width, &image.height);
  image.rgb.resize(image.offset(0, image.height));
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadBuffer(GL_BACK);
  glReadPixels(0, 0, image.width, image.height, GL_RGB, GL_UNSIGNED_BYTE, image.rgb.data());
  for (int y = 0; y < image.height / 2; ++y)  // OpenGL's first row is the lowest
    std::swap_ranges(&image.rgb[image.offset(0, y)],
                     &image.rgb[image.offset(0, y)] + 3 * image.width,
                     &image.rgb[image.offset(0, image.height - 1 - y)]);
  return image;
}

void paint_frame(GLFWwindow* window, Screen& screen, const Fonts& fonts, float scale,
                 Keyboard& keys) {
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  ImGui::NewFrame();
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGuiCanvas canvas(*ImGui::GetBackgroundDrawList(), fonts);
  const Box box = {0, 0, size.x, size.y};
  screen.frame(canvas, box, Metrics{scale}, input_of(window, keys, screen.is_typing()));
  paint_hint(canvas, box, Metrics{scale}, palette(true));
  ImGui::Render();
  int width = 0, height = 0;
  glfwGetFramebufferSize(window, &width, &height);
  glViewport(0, 0, width, height);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

}  // namespace

void show_window(Screen& screen, const Options& options) {
  const Glfw glfw;
  const WindowHandle window =
      open_window(options.width, options.height > 0 ? options.height : 900, options.title());
  const Gui gui(window.get());
  float scale_x = 1, scale_y = 1;
  glfwGetWindowContentScale(window.get(), &scale_x, &scale_y);
  const float scale = static_cast<float>(options.scale) * std::max(scale_x, scale_y);
  const Fonts fonts = load_fonts(*ImGui::GetIO().Fonts, system_font_file(), scale);
  Keyboard keys(window.get());
  bool is_moving = false;
  for (int frame = 0; glfwWindowShouldClose(window.get()) == GLFW_FALSE; ++frame) {
    // Frames are painted when something happened; while keys are held, one after another.
    if (is_moving || options.frames > 0)
      glfwPollEvents();
    else
      glfwWaitEventsTimeout(0.5);
    is_moving = keys.axis(GLFW_KEY_W, GLFW_KEY_UP, GLFW_KEY_S, GLFW_KEY_DOWN) != 0 ||
                keys.axis(GLFW_KEY_D, GLFW_KEY_RIGHT, GLFW_KEY_A, GLFW_KEY_LEFT) != 0;
    paint_frame(window.get(), screen, fonts, scale, keys);
    if (options.frames > 0 && frame + 1 >= options.frames) {
      if (!options.picture.empty()) write_png(framebuffer(window.get()), options.picture);
      return;
    }
    glfwSwapBuffers(window.get());
  }
}

}  // namespace shardpipe::viz
