// What an exercise and a quiz must say of themselves: sums and counts, and one step beyond each.
#include "labs/grade/exercise_file.h"

#include <cstdlib>

#include "labs/learn/quiz.h"
#include "tests/support/catch.h"
#include "tests/support/refuses.h"
#include "tests/support/temporary_folder.h"

namespace shardpipe {
namespace {

// The kit's folder is another one as long as it lives.
struct Kit {
  Kit() { setenv("SHARDPIPE_DATA_DIR", folder.path().c_str(), 1); }
  ~Kit() { unsetenv("SHARDPIPE_DATA_DIR"); }
  TemporaryFolder folder = {};
};

bool exercise_is_refused(const char* words, const std::string& points, const std::string& shares,
                         const std::string& hints) {
  const Kit kit;
  kit.folder.write(
      "solutions/day01_x/day01_y/exercise.toml",
      text("day = 1\norder = 1\ntitle = 'x'\nkind = 'implement'\nminutes = 1\nchapter = 'x'\n",
           "points = { ", points, " }\nshares = [", shares, "]\nhints = [", hints, "]\n"));
  std::size_t read = 0;
  const bool refused = refuses(words, [&] { read = all_exercises().size(); });
  CHECK(read == (refused ? 0U : 1U));
  return refused;
}

bool quiz_is_refused(const std::string& choices) {
  const Kit kit;
  kit.folder.write("docs/quiz/day01.toml",
                   text("[[question]]\nask = 'x'\nchoices = [", choices, "]\n"));
  return refuses("right choices", [] { read_quiz("day01"); });
}

}  // namespace

TEST_CASE("points and shares are 100 in all, and there are four hints") {
  const auto refused = exercise_is_refused;
  const std::string points = "correctness = 60, memory = 40", hints = "'a', 'b', 'c', 'd'";
  CHECK(!refused("", points, "50, 50", hints));
  for (const char* others : {"correctness = 60, memory = 39", "correctness = 60, memory = 41"})
    CHECK(refused("points must be numbers whose sum is 100", others, "50, 50", hints));
  for (const char* others : {"50, 49", "50, 51"})
    CHECK(refused("shares must be numbers whose sum is 100", points, others, hints));
  for (const char* others : {"'a', 'b', 'c'", "'a', 'b', 'c', 'd', 'e'"})
    CHECK(refused("hints must be four texts", points, "50, 50", others));
}

TEST_CASE("a question has two choices or more, and one of them is right") {
  const std::string right = "{ say = 'x', why = 'x', right = true }",
                    wrong = "{ say = 'x', why = 'x' }";
  CHECK(!quiz_is_refused(right + ", " + wrong));
  CHECK(!quiz_is_refused(wrong + ", " + wrong + ", " + right));
  CHECK(quiz_is_refused(right));
  CHECK(quiz_is_refused(wrong + ", " + wrong));
  CHECK(quiz_is_refused(right + ", " + right));
}

}  // namespace shardpipe
