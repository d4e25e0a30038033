#include "core/base/error.h"

#include <string>

#include "tests/support/catch.h"

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

}  // namespace shardpipe
