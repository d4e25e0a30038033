// lab-view: the timeline viewer. `lab view` starts it.
#include <exception>
#include <iostream>
#include <memory>

#include "core/base/error.h"
#include "viz/app/picture.h"
#include "viz/app/traces.h"
#include "viz/app/window.h"

int main(int argc, char** argv) {
  using namespace shardpipe;
  try {
    const viz::Options options = viz::parse_options({argv + 1, argv + argc});
    if (!options.help.empty()) {
      std::cout << options.help;
      return 0;
    }
    if (!options.saved.empty()) {
      viz::save_trace(options);
      std::cerr << "wrote " << options.saved << "\n";
      return 0;
    }
    if (options.picture.empty() || options.frames > 0) {
      const std::unique_ptr<viz::Screen> screen = viz::open_screen(options);
      viz::show_window(*screen, options);
    } else {
      viz::make_picture(options);
    }
    if (!options.picture.empty()) std::cerr << "wrote " << options.picture << "\n";
    return 0;
  } catch (const Error& e) {
    std::cerr << "lab: " << e.what() << "\n";
    return static_cast<int>(e.code());
  } catch (const std::exception& e) {
    std::cerr << "lab: a fault of the kit: " << e.what() << "\n";
    return static_cast<int>(ExitCode::fault);
  }
}
