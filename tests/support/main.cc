// Our own main: failures exit 1, a run that selected no test exits 2. (Catch2 2's own main returns
// the number of failures, and 77 failures would read as "skipped".)
#define CATCH_CONFIG_RUNNER
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include "tests/support/catch.h"

namespace {

#if __has_include(<catch2/catch_all.hpp>)
using TestListener = Catch::EventListenerBase;
#else
using TestListener = Catch::TestEventListenerBase;
#endif

// The one variable of file scope in the project: Catch2 constructs listeners itself.
int tests_run = 0;

class Counter : public TestListener {
 public:
  using TestListener::TestListener;
  void testCaseStarting(const Catch::TestCaseInfo&) override { ++tests_run; }
};

CATCH_REGISTER_LISTENER(Counter)

}  // namespace

int main(int argc, char** argv) {
  Catch::Session session;
  if (session.applyCommandLine(argc, argv) != 0) return 2;
  const int failures = session.run();
  const auto& options = session.configData();
  if (options.showHelp || options.listTests || options.listTags) return 0;
  if (failures != 0) return 1;
  return tests_run == 0 ? 2 : 0;
}
