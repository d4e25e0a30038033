#include "labs/cli/parse_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "core/base/error.h"

namespace shardpipe {

bool parse_flags(CLI::App& app, const std::vector<std::string>& arguments) {
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // as CLI11 wants
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return false;
  } catch (const CLI::ParseError& e) {
    std::string what = e.what();
    std::replace(what.begin(), what.end(), '\n', ' ');
    usage_error(text(what, " (see ./", app.get_name(), " --help)"));
  }
  return true;
}

}  // namespace shardpipe
