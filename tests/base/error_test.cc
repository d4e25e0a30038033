#include "core/base/error.h"

#include <string>

#include "tests/support/computed_page.h"

namespace shardpipe {

TEST_CASE("an Error carries its message, exit code and the caller's place") {
  const int line = __LINE__ + 2;
  try {
    usage_error(text("--tp ", 3, " does not divide heads ", 4));
    FAIL("must throw");
  } catch (const Error& e) {
    CHECK(std::string(e.what()) == "--tp 3 does not divide heads 4");
    CHECK(e.code() == ExitCode::usage);
    CHECK(e.where().line == line);
    CHECK(std::string(e.where().file).find("error_test.cc") != std::string::npos);
  }
}

TEST_CASE("require throws only when the condition fails") {
  CHECK_NOTHROW(require(true, "fine"));
  CHECK_THROWS_AS(require(false, "not fine"), Error);
}

TEST_CASE("docs/cli.md shows every exit code, 0 to 7") {
  int next = 0;
  for (const auto& [code, words] : kExitCodes) CHECK(static_cast<int>(code) == next++);
  CHECK(next == 8);
  check_page("cli.md", 1, [](const std::string&) {
    std::string rows = "| code | means |\n|---|---|\n";
    for (const auto& [code, words] : kExitCodes)
      rows += text("| ", static_cast<int>(code), " | ", words, " |\n");
    return rows;
  });
}

TEST_CASE("a sentence is one line, whatever names are in it; what is wrong may have a picture") {
  const std::string name("a\n\x1b[2J\0b", 8);
  const auto said = [&](ExitCode code) {
    try {
      fail(code, text("tensor ", name, "\nF0 F1"));
    } catch (const Error& e) {
      return std::string(e.what());
    }
  };
  CHECK(said(ExitCode::usage) == "tensor a\\n\\x1b[2J\\x00b\\nF0 F1");
  CHECK(said(ExitCode::crash) == said(ExitCode::usage));
  CHECK(said(ExitCode::wrong) == "tensor a\n\\x1b[2J\\x00b\nF0 F1");
}

TEST_CASE("a mistake of a program is a rank that failed") {
  try {
    fail("no such row");
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::crash);
  }
}

}  // namespace shardpipe
