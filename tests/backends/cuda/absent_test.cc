// What a run on the cuda backend says where it cannot be: true on machines with and without GPUs.
#include "core/launch/launch.h"
#include "core/launch/machine.h"
#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("cuda: a run without a GPU is absent, and says what is missing in one line") {
  std::string what;
  int ranks_run = 0;
  try {
    run_on_cuda({}, [&](RankContext&) { ++ranks_run; });
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::absent);
    what = e.what();
  }
  INFO(what << " / " << cuda_status());
  const bool is_gap = what.rfind("no GPU here: CUDA ", 0) == 0 ||
                      what.rfind("the cuda backend is not built: ", 0) == 0;
  CHECK((ranks_run == 1 ? what.empty() : is_gap));
  CHECK(what.find('\n') == std::string::npos);
}

TEST_CASE("cuda: the status is one line that agrees with a run") {
  bool runs = true;
  try {
    run_on_cuda({}, [](RankContext&) {});
  } catch (const Error&) {
    runs = false;
  }
  const std::string status = cuda_status();
  INFO(status);
  CHECK(!status.empty());
  CHECK(status.find('\n') == std::string::npos);
  CHECK(runs == (status.find("multiprocessors") != std::string::npos));
}

}  // namespace shardpipe
