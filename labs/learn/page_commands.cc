#include "labs/learn/page_commands.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/shell_word.h"
#include "core/trace/units.h"
#include "labs/grade/exercise_file.h"
#include "labs/learn/child.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> pages() {
  const std::string root = data_root();
  std::vector<std::string> all = {root + "/README.md", root + "/CONTRIBUTING.md"};
  std::error_code none;
  for (const char* folder : {"/docs", "/labs", "/solutions"})
    for (const auto& entry : fs::recursive_directory_iterator(root + folder, none))
      if (entry.path().extension() == ".md") all.push_back(entry.path().string());
  std::sort(all.begin() + 2, all.end());
  return all;
}

// ./lab would build; what has been built is what is asked here.
std::string as_built(std::string command) {
  const std::string program = shell_word(build_folder() + "/lab") + " ";
  for (std::size_t at = command.find("./lab "); at != std::string::npos;
       at = command.find("./lab ", at + program.size()))
    command.replace(at, 6, program);
  return "cd " + shell_word(data_root()) + " && " + command;
}

}  // namespace

std::vector<PageCommand> page_commands() {
  std::vector<PageCommand> all;
  for (const std::string& page : pages()) {
    std::istringstream lines(read_file(page));
    bool runs = false;
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (line.rfind("```", 0) == 0)
        runs = line == "```sh run";
      else if (runs && !line.empty())
        all.push_back({.page = shown(page), .command = line, .line = number});
    }
  }
  return all;
}

int run_page_commands() {
  int failed = 0;
  const std::vector<PageCommand> all = page_commands();
  for (const PageCommand& one : all) {
    const ChildEnd end =
        run_child({"/bin/bash", "-c", as_built(one.command)}, {.seconds = 120, .cpu_seconds = 240});
    if (end.exit_code == 0 && end.signal == 0 && !end.timed_out) continue;
    ++failed;
    std::cout << one.page << ":" << one.line << ": " << one.command << " ends with "
              << end.exit_code << ": " << printable(end.output, 300) << "\n";
  }
  std::cout << all.size() << " commands in pages, " << failed << " failed\n";
  return failed;
}

}  // namespace shardpipe
