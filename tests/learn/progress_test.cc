// The diary of a learner: only ever added to, and a broken line loses nothing else.
#include "labs/learn/progress.h"

#include <cstdlib>
#include <fstream>

#include "labs/grade/exercise_file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace shardpipe {
namespace {

// The data root, for as long as it lives.
class Root {
 public:
  Root() { setenv("SHARDPIPE_DATA_DIR", folder_.path().c_str(), 1); }
  ~Root() { unsetenv("SHARDPIPE_DATA_DIR"); }
  std::string file() const { return folder_.file(".lab/progress.jsonl"); }

 private:
  TemporaryFolder folder_;
};

CheckResult result(const std::string& id, const std::string& code, int score) {
  CheckResult r;
  r.id = id;
  r.code = code;
  r.score = score;
  return r;
}

}  // namespace

TEST_CASE("nothing is begun where there is no file") {
  const Root root;
  CHECK(read_progress().current.empty());
}

TEST_CASE("best score, last code, hints, and files that differ as attempts") {
  const Root root;
  note_start("a");
  note_check(result("a", "RS-OVERWRITE", 0), "one");
  note_check(result("a", "RS-OVERWRITE", 0), "one");
  note_check(result("a", "RS-STEP-LONG", 70), "two");
  note_hint("a", 2);
  note_check(result("a", "UNKNOWN", 10), "three");
  note_reveal("b");
  const Progress progress = read_progress();
  CHECK(progress.of("a").best == 70);
  CHECK(progress.of("a").code == "UNKNOWN");
  CHECK(progress.of("a").attempts == 3);
  CHECK(progress.of("a").hint == 2);
  CHECK_FALSE(progress.of("a").revealed);
  CHECK(progress.of("b").revealed);
  CHECK(progress.current == "b");
  CHECK(progress.unread_lines == 0);
}

TEST_CASE("broken lines, a last one cut off among them, are left where they are") {
  const Root root;
  note_check(result("a", "PASS", 100), "one");
  std::ofstream(root.file(), std::ios::app) << "not json\n{\"event\":\"check\"}\n{\"event\":\"sta";
  note_check(result("b", "PASS", 100), "one");
  const Progress progress = read_progress();
  CHECK(progress.of("a").best == 100);
  CHECK(progress.of("b").best == 100);
  CHECK(progress.unread_lines == 3);
  CHECK(read_file(root.file()).find("{\"event\":\"sta\n") != std::string::npos);
}

}  // namespace shardpipe
