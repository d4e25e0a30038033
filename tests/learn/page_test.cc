#include "labs/learn/page.h"

#include <sstream>

#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("paragraphs are joined and broken at 100 columns, with the margin") {
  std::string words;
  for (int i = 0; i < 60; ++i) words += i % 7 == 6 ? "word\n" : "word ";
  std::istringstream lines(wrapped(words, "    "));
  std::size_t longest = 0, count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK(line.rfind("    word", 0) == 0);
    longest = std::max(longest, line.size());
  }
  CHECK(longest <= 100);
  CHECK(longest > 90);
  CHECK(count == 4);
}

TEST_CASE("headings, tables, indented lines and fenced blocks stay as they are") {
  const std::string page =
      "# A heading\n\n| a | b |\n| 1 | 2 |\n\n    x  =  1\n\n```\nany   thing\nhere\n```\n";
  CHECK(wrapped(page) == page);
  CHECK(wrapped("one\ntwo\n\n* three\n* four\n") == "one two\n\n* three\n* four\n");
}

}  // namespace shardpipe
