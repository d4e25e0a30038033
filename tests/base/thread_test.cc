// What the language says of memory and threads becomes an Error of resources.
#include "core/base/thread.h"

#include <new>
#include <stdexcept>
#include <system_error>

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("out of memory and out of threads are of resources, a mistake of a program is not") {
  CHECK(error_of(std::bad_alloc()).is_of_resources());
  CHECK(std::string(error_of(std::bad_alloc()).what()) == "out of memory");
  CHECK(error_of(std::length_error("vector")).is_of_resources());
  const auto of_system = [](std::errc code) {
    return error_of(std::system_error(std::make_error_code(code)));
  };
  CHECK(of_system(std::errc::resource_unavailable_try_again).is_of_resources());
  CHECK(of_system(std::errc::not_enough_memory).is_of_resources());
  CHECK(!of_system(std::errc::permission_denied).is_of_resources());
  CHECK(!error_of(std::out_of_range("at")).is_of_resources());
  CHECK(error_of(std::out_of_range("at")).code() == ExitCode::crash);
}

TEST_CASE("an Error stays what it is, also in other words") {
  const Error usage("--tp 0", ExitCode::usage, Where::here());
  CHECK(error_of(usage).code() == ExitCode::usage);
  const Error full = error_of(std::bad_alloc()).with("rank 3: out of memory");
  CHECK(full.is_of_resources());
  CHECK(full.code() == ExitCode::crash);
  CHECK(std::string(full.what()) == "rank 3: out of memory");
}

TEST_CASE("a thread that is to be had runs") {
  bool ran = false;
  start_thread("the test", [&] { ran = true; }).join();
  CHECK(ran);
}

}  // namespace shardpipe
