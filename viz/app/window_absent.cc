#include "core/base/error.h"
#include "viz/app/window.h"

namespace shardpipe::viz {

void show_window(Screen&, const Options&) {
  fail(ExitCode::absent,
       "lab-view was built without a window: install libglfw3-dev and libgl-dev (so named on "
       "Debian and "
       "Ubuntu) and build again, or use --screenshot FILE.png");
}

}  // namespace shardpipe::viz
