#include "core/base/terminal.h"

#include <fcntl.h>
#include <stdlib.h>  // posix_openpt and its like are not in <cstdlib>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "core/base/run_main.h"
#include "tests/support/in_child.h"

namespace shardpipe {
namespace {

void run_printable(const std::function<void()>& program) {
  {
    const PrintableOutput output;
    program();
  }
  std::fflush(stdout);
}

// What `program` prints, where stdout is what stderr is: a pipe.
std::string printed(const std::function<void()>& program) {
  return in_child([&] {
           dup2(STDERR_FILENO, STDOUT_FILENO);
           run_printable(program);
         })
      .words;
}

// The same where stdout is a terminal.
std::string printed_on_terminal(const std::function<void()>& program) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE((terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0));
  const std::string name = ptsname(terminal);
  const int side = open(name.c_str(), O_RDWR | O_NOCTTY);
  REQUIRE(side >= 0);
  const Ended ended = in_child([&] {
    dup2(side, STDOUT_FILENO);
    run_printable(program);
  });
  CHECK(ended.words.empty());
  char bytes[4096];
  const ssize_t n = read(terminal, bytes, sizeof bytes);  // all is there: the child has ended
  close(side);
  close(terminal);
  return {bytes, static_cast<std::size_t>(n > 0 ? n : 0)};
}

}  // namespace

TEST_CASE("what goes to std::cout reaches stdout printable, with its line breaks") {
  CHECK(printed([] { std::cout << "a\tb\nc\x1b[31md\a\n"; }) == "a\\tb\nc\\x1b[31md\\x07\n");
  CHECK(printed([] { print("%s %d\n", "\u202e", 3); }) == "\\u202e 3\n");
}

TEST_CASE("characters may come in pieces") {
  CHECK(printed([] {
          for (const char c : std::string("é\u202e🙂\xe2\x80x\n")) std::cout << c << std::flush;
        }) == "é\\u202e🙂\\xe2\\x80x\n");
  CHECK(printed([] { std::cout << "a\xe2\x80"; }) == "a\\xe2\\x80");
}

TEST_CASE("on a terminal colours stay, and nothing else that begins like one") {
  const std::string colours = "\x1b[38;5;75mF\x1b[0m";
  CHECK(printed_on_terminal([&] { std::cout << colours; }) == colours);
  CHECK(printed_on_terminal([&] {
          for (const char c : colours) std::cout << c << std::flush;
        }) == colours);
  CHECK(printed_on_terminal([] { std::cout << "\x1b[2J\x1b]0;t\a\x1b[31\x1b"; }) ==
        "\\x1b[2J\\x1b]0;t\\x07\\x1b[31\\x1b");
}

TEST_CASE("what is said is one line, whatever is in it") {
  CHECK(in_child([] { say("a\nb\x9b"); }).words == "lab: a\\nb\\x9b\n");
  CHECK(in_child([] { say_error("a\nb", ExitCode::usage); }).words == "lab: a\\nb\n");
  CHECK(in_child([] { say_error_as("lab-grade", "a\n\x1b", ExitCode::wrong); }).words ==
        "lab-grade: a\n\\x1b\n");
}

TEST_CASE("a program that fails says so in one line, after what it printed") {
  const Ended ended = in_child([] {
    dup2(STDERR_FILENO, STDOUT_FILENO);
    _exit(run_main([]() -> int {
      std::cout << "so far\n";
      throw std::runtime_error("x\ny\x1b");
    }));
  });
  CHECK(ended.words == "so far\nlab: a fault of the kit: x\\ny\\x1b\n");
  CHECK(ended.code == static_cast<int>(ExitCode::fault));
}

}  // namespace shardpipe
