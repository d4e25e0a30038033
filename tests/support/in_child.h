// Runs a program in a child process, for endings that no test survives.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "tests/support/catch.h"

namespace shardpipe {

struct Ended {
  int code = -1;
  std::string words = {};  // its stderr
};

template <class Program>
Ended in_child(Program program) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    program();
    _exit(0);
  }
  close(ends[1]);
  Ended ended;
  char buffer[512];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
    ended.words.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

}  // namespace shardpipe
