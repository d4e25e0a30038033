#include "labs/claims/documents.h"

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/base/shell_word.h"
#include "labs/cli/scratch_folder.h"
#include "labs/grade/exercise_file.h"
#include "labs/learn/child.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

constexpr double kMostSeconds = 600;
constexpr std::string_view kThenTrace = " | trace ";

// A shell's line that writes the document of a command to TO.json, and its trace beside it.
std::string line_of(const std::string& command, const std::string& lab, const std::string& to) {
  const std::string out = text(">", to, ".json 2>", to, ".said </dev/null\n");
  const std::size_t then = command.find(kThenTrace);
  if (then == std::string::npos) return text(lab, " ", with_json(command), " ", out);
  return text(lab, " ", command.substr(0, then), " --trace ", to, ".trace >/dev/null 2>", to,
              ".said </dev/null && ", lab, " trace ", command.substr(then + kThenTrace.size()), " ",
              to, ".trace --json ", out);
}

}  // namespace

std::string with_json(const std::string& command) {
  return command + (command.rfind("schedule ", 0) == 0 ? " --format json" : " --json");
}

std::map<std::string, Json> run_commands(const std::set<std::string>& commands,
                                         std::map<std::string, std::string>& failed) {
  const ScratchFolder folder;
  const std::string lab = shell_word(build_folder() + "/lab");
  std::string lines;
  std::size_t number = 0;
  for (const std::string& command : commands) {
    const std::string to = shell_word(text(folder.path(), "/", number++));
    lines += line_of(command, lab, to);
  }
  const std::string list = folder.path() + "/commands";
  write_file(list, lines);
  const ChildEnd end =
      run_child({"/bin/sh", "-c",
                 text("cd ", shell_word(data_root()), " && xargs -d '\\n' -n 1 -P 2 sh -c <",
                      shell_word(list), " || true")},
                {.seconds = kMostSeconds, .cpu_seconds = kMostSeconds});
  if (end.timed_out) fail(text("the commands of claims take more than ", kMostSeconds, " s"));

  std::map<std::string, Json> documents;
  number = 0;
  for (const std::string& command : commands) {
    const std::string from = text(folder.path(), "/", number++);
    const auto document =
        is_there(from + ".json") ? parse_json(read_file(from + ".json")) : std::optional<Json>();
    documents[command] = document.value_or(Json());
    if (!document) failed[command] = read_file(from + ".said");
  }
  return documents;
}

}  // namespace shardpipe
