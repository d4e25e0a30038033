// Commands that stand in pages: blocks whose fence is "```sh run". A page that shows a command that
// fails is wrong.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct PageCommand {
  std::string page = {}, command = {};
  int line = 0;
};

// Of README.md, CONTRIBUTING.md and all pages under docs/, labs/ and solutions/.
std::vector<PageCommand> page_commands();

// Runs all of them in the checkout, and prints those that fail. How many did.
int run_page_commands();

}  // namespace shardpipe
