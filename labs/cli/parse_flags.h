// What every verb does with its flags.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace shardpipe {

// False if help was asked for and given. Usage error of one line for flags and values that do not
// exist; it names the app's --help.
bool parse_flags(CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace shardpipe
