// How a process that runs a learner's code is heard. Nothing here depends on how long a thing
// takes, but for a limit that is far longer than what it must cut.
#include "labs/learn/child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

ChildEnd shell(const std::string& script, const ChildLimits& limits = {}) {
  return run_child({"/bin/sh", "-c", script}, limits);
}

}  // namespace

TEST_CASE("what it prints, what it reports and how it ends come apart") {
  const ChildEnd end = shell("echo out; echo err >&2; echo report >&3; exit 4");
  CHECK(end.exit_code == 4);
  CHECK(end.signal == 0);
  CHECK_FALSE(end.timed_out);
  CHECK(end.output == "out\nerr\n");
  CHECK(end.report == "report\n");
}

TEST_CASE("a signal that ends it is told") { CHECK(shell("kill -SEGV $$").signal == SIGSEGV); }

TEST_CASE("it reads nothing of this one's input") {
  CHECK(shell("if read line; then echo got; else echo nothing; fi").output == "nothing\n");
}

TEST_CASE("output beyond the limit is counted and not kept") {
  const ChildEnd end =
      shell("i=0; while [ $i -lt 1000 ]; do echo 0123456789012345678; i=$((i + 1)); done",
            {.output_bytes = 100});
  CHECK(end.output.size() == 100);
  CHECK(end.output_left_out == 19900);
}

TEST_CASE("one that does not end is killed, with what it started") {
  const ChildEnd end = shell("sleep 1000 & echo started; sleep 1000", {.seconds = 0.5});
  CHECK(end.timed_out);
  CHECK(end.output == "started\n");
}

TEST_CASE("it does not outlive this one, whatever ends that") {
  for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGKILL}) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t this_one = fork();
    if (this_one == 0) {
      close(ends[0]);
      shell(text("echo begun >/proc/self/fd/", ends[1], "; exec sleep 1000"));
      _exit(0);
    }
    close(ends[1]);
    char words[16] = {};
    CHECK(read(ends[0], words, sizeof words) == 6);
    kill(this_one, signal);
    int status = 0;
    waitpid(this_one, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK(read(ends[0], words, sizeof words) == 0);  // nobody holds the other end any more
    close(ends[0]);
  }
}

TEST_CASE("one that ends while what it started holds its pipes does not keep this one waiting") {
  const ChildEnd end = shell("sleep 1000 & echo done");
  CHECK_FALSE(end.timed_out);
  CHECK(end.output == "done\n");
}

}  // namespace shardpipe
