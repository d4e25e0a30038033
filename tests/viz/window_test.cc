// The real window under Xvfb: GLFW and OpenGL paint what the software rasteriser paints (but for
// the hint in the corner).
#include <cstdlib>
#include <string>

#include "core/base/error.h"
#include "core/trace/chrome_json.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/trace/made_up.h"
#include "viz/picture/image.h"

namespace shardpipe::viz {
namespace {

int run(const std::string& command) { return std::system(command.c_str()); }

}  // namespace

TEST_CASE("the window shows the picture that --screenshot writes") {
  const TemporaryFolder folder;
  const std::string trace = folder.file("trace.json"), program = in_build("lab-view ");
  write_chrome_json(mlp_trace(true), trace);
  const std::string size = trace + " --width 900 --height 500 --screenshot ";
  REQUIRE(run(program + size + folder.file("soft.png") + " 2>/dev/null") == 0);
  REQUIRE(run("xvfb-run -a " + program + size + folder.file("window.png") +
              " --frames 3 2>/dev/null") == 0);
  const Image soft = read_png(folder.file("soft.png")),
              window = read_png(folder.file("window.png"));
  REQUIRE(window.width == soft.width);
  REQUIRE(window.height == soft.height);
  std::size_t differ = 0;
  for (std::size_t i = 0; i < soft.rgb.size(); ++i)
    differ += std::abs(soft.rgb[i] - window.rgb[i]) > 24;
  CHECK(differ < soft.rgb.size() / 100);
}

}  // namespace shardpipe::viz
