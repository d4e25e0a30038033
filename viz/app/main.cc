// lab-view: the timeline viewer. `lab view` starts it.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "core/base/run_main.h"
#include "viz/app/picture.h"
#include "viz/app/traces.h"
#include "viz/app/window.h"

namespace shardpipe::viz {
namespace {

int run(const std::vector<std::string>& words) {
  const Options options = parse_options(words);
  if (!options.help.empty()) {
    std::cout << options.help;
    return 0;
  }
  if (!options.saved.empty()) {
    save_trace(options);
    say_bare("wrote " + options.saved);
    return 0;
  }
  if (options.picture.empty() || options.frames > 0) {
    const std::unique_ptr<Screen> screen = open_screen(options);
    show_window(*screen, options);
  } else {
    make_picture(options);
  }
  if (!options.picture.empty()) say_bare("wrote " + options.picture);
  return 0;
}

}  // namespace
}  // namespace shardpipe::viz

int main(int argc, char** argv) {
  return shardpipe::run_main([&] { return shardpipe::viz::run({argv + 1, argv + argc}); });
}
