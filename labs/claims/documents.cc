#include "labs/claims/documents.h"

#include "core/base/error.h"
#include "core/base/output_file.h"
#include "core/base/shell_word.h"
#include "labs/cli/scratch_folder.h"
#include "labs/grade/exercise_file.h"
#include "labs/learn/child.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

constexpr double kMostSeconds = 600;

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
    lines += text(lab, " ", with_json(command), " >", to, ".json 2>", to, ".said </dev/null\n");
  }
  const std::string list = folder.path() + "/commands";
  write_file(list, lines);
  const ChildEnd end = run_child(
      {"/bin/sh", "-c", text("xargs -d '\\n' -n 1 -P 2 sh -c <", shell_word(list), " || true")},
      {.seconds = kMostSeconds, .cpu_seconds = kMostSeconds});
  if (end.timed_out) fail(text("the commands of claims take more than ", kMostSeconds, " s"));

  std::map<std::string, Json> documents;
  number = 0;
  for (const std::string& command : commands) {
    const std::string from = text(folder.path(), "/", number++);
    const auto document = parse_json(read_file(from + ".json"));
    documents[command] = document.value_or(Json());
    if (!document) failed[command] = read_file(from + ".said");
  }
  return documents;
}

}  // namespace shardpipe
