// The processes of a job as the kernel sees them. Here this test's children are the ranks.
#include "core/launch/local_ranks.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// Nobody else has it.
std::string variable() { return text("SHARDPIPE_TEST_RANK_", getpid()); }

// Gives back the first byte that it gets, and waits for more.
class Child {
 public:
  explicit Child(int rank) {
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) == 0);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    for (const int end : {STDIN_FILENO, STDOUT_FILENO})
      posix_spawn_file_actions_adddup2(&files, ends_[0], end);
    std::string set = text(variable(), "=", rank), program = "/bin/cat";
    char *words[] = {program.data(), nullptr}, *environment[] = {set.data(), nullptr};
    REQUIRE(posix_spawn(&process_, program.c_str(), &files, nullptr, words, environment) == 0);
    posix_spawn_file_actions_destroy(&files);
    char byte = 'x';  // the kernel knows its environment a moment after it has begun
    REQUIRE(write(ends_[1], &byte, 1) == 1);
    REQUIRE(read(ends_[1], &byte, 1) == 1);
  }
  ~Child() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    close(ends_[0]);
    close(ends_[1]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void stop() const {
    kill(process_, SIGSTOP);
    waitpid(process_, nullptr, WUNTRACED);
  }
  void end() const {  // and leaves it unburied
    kill(process_, SIGKILL);
    siginfo_t info;
    waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOWAIT);
  }
  pid_t process() const { return process_; }

 private:
  int ends_[2] = {-1, -1};
  pid_t process_ = -1;
};

}  // namespace

TEST_CASE("who is stopped and who has ended, of the processes that a launcher started") {
  const Child zero(0), one(1);
  LocalRanks here(variable());
  using State = LocalRanks::State;
  CHECK(here.launcher() == State::running);
  CHECK(here.is_known(0));
  CHECK(here.is_known(1));
  CHECK_FALSE(here.is_known(2));
  CHECK(here.state_of(2) == State::running);  // on another host, say
  CHECK(here.first_running() == 0);
  zero.stop();
  CHECK(here.state_of(0) == State::stopped);
  CHECK(here.state_of(1) == State::running);
  CHECK(here.first_running() == 1);
  CHECK(here.words_about(0) == text("is stopped (process ", zero.process(), ")"));
  CHECK(here.words_about(1) == "runs");
  one.end();
  CHECK(here.state_of(1) == State::gone);
  CHECK(here.words_about(1) == "has ended");
  CHECK(here.first_running() == -1);
  const Child two(2);
  CHECK_FALSE(here.is_known(2));
  here.find();
  CHECK(here.is_known(2));
}

TEST_CASE("a rank of several processes, a shell and a program, is stopped if one of them is") {
  const Child shell(7), program(7);
  const LocalRanks here(variable());
  program.stop();
  CHECK(here.state_of(7) == LocalRanks::State::stopped);
  program.end();
  CHECK(here.state_of(7) == LocalRanks::State::running);
}

TEST_CASE("without a launcher nobody is known, and nobody is lost") {
  const LocalRanks here("");
  CHECK_FALSE(here.is_known(0));
  CHECK(here.state_of(0) == LocalRanks::State::running);
  CHECK(here.launcher() == LocalRanks::State::running);
  CHECK(here.first_running() == -1);
}

}  // namespace shardpipe
