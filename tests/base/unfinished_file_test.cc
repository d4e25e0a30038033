#include "core/base/unfinished_file.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <iterator>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace shardpipe;
namespace fs = std::filesystem;

namespace {

using Named = UnfinishedFile::Named;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

// What a process leaves behind that has an unfinished file and does this; how it ended.
int end_of_process(const std::string& target, const std::function<void()>& then) {
  const pid_t child = fork();
  if (child == 0) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) std::signal(signal, SIG_DFL);
    const UnfinishedFile file(target, Named::always);
    then();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_CASE("an unfinished file is not seen, or by a name of its own, until it takes its target's") {
  const TemporaryFolder folder;
  const std::string target = folder.write("t.json", "old");
  for (const Named named : {Named::if_needed, Named::always}) {
    {
      UnfinishedFile file(target, named);
      REQUIRE(write(file.descriptor(), "new", 3) == 3);
      const std::vector<std::string> names = names_in(folder.path());
      CHECK(names.size() == (named == Named::always ? 2U : 1U));
      for (const std::string& name : names)
        CHECK((name == "t.json" || (name.rfind(".t.json.", 0) == 0 && name.size() > 20)));
      file.take_name();
      CHECK(fs::file_size(target) == 3);
      CHECK(names_in(folder.path()) == std::vector<std::string>{"t.json"});
    }
    { const UnfinishedFile given_up(target, named); }
    CHECK(names_in(folder.path()) == std::vector<std::string>{"t.json"});
  }
}

TEST_CASE("signals and exit leave nothing; what kill -9 leaves, the next one removes") {
  const TemporaryFolder folder;
  const std::string target = folder.file("t.json");
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    INFO("signal " << signal);
    const int status = end_of_process(target, [&] { raise(signal); });
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == signal));
    CHECK(names_in(folder.path()).empty());
  }
  end_of_process(target, [] { std::exit(0); });
  CHECK(names_in(folder.path()).empty());
  end_of_process(target, [] { raise(SIGKILL); });
  CHECK(names_in(folder.path()).size() == 1);
  { const UnfinishedFile of_another_target(folder.file("u.json")); }
  CHECK(names_in(folder.path()).size() == 1);
  { const UnfinishedFile next(target); }
  CHECK(names_in(folder.path()).empty());
}

TEST_CASE("files of those that are still being written, and other people's, are left alone") {
  const TemporaryFolder folder;
  const std::string target = folder.file("t.json");
  for (const char* name : {".t.json.tmp", ".t.json.abcdef.part", "t.json.tmp", ".t.json.lab-part"})
    folder.write(name, "somebody's");
  const UnfinishedFile first(target, Named::always), second(target, Named::always);
  CHECK(names_in(folder.path()).size() == 6);
}
