#include "viz/model/answered_schedule.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "core/base/shell_word.h"
#include "core/schedule/text.h"

namespace shardpipe::viz {

bool is_answer(const std::string& schedule) {
  return (schedule == "mine" || schedule.rfind("mine:", 0) == 0) &&
         std::all_of(schedule.begin(), schedule.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == ':'; });
}

namespace {

// Of what a process of the kit said: "lab: <sentence>", perhaps with a picture below.
std::string sentence_of(const std::string& said) {
  const std::string line = said.substr(0, said.find('\n'));
  return line.substr(line.rfind("lab: ", 0) == 0 ? 5 : 0);
}

}  // namespace

Schedule answered_schedule(const std::string& name, int stages, int microbatches) {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const std::string command =
      text(shell_word((folder / "lab").string()), " schedule ", name, " --stages ", stages,
           " --microbatches ", microbatches, " --format csv 2>&1");
  std::FILE* process = popen(command.c_str(), "r");
  if (process == nullptr) fail(ExitCode::fault, "lab schedule cannot be started");
  std::string said;
  std::array<char, 4096> bytes;
  while (const std::size_t n = std::fread(bytes.data(), 1, bytes.size(), process))
    said.append(bytes.data(), n);
  if (pclose(process) != 0) usage_error(sentence_of(said));
  Schedule schedule = from_csv(said, name);
  schedule.name = name;
  return schedule;
}

}  // namespace shardpipe::viz
