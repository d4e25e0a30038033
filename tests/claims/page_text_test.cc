// What of a page is prose, what of that states something, and which numbers stand in it.
#include "labs/claims/page_text.h"

#include "tests/support/catch.h"

namespace shardpipe {
namespace {

std::vector<double> numbers(const std::string& words) {
  std::vector<double> values;
  for (const Mention& m : numbers_of(words)) values.push_back(m.number.value);
  return values;
}

using Numbers = std::vector<double>;

}  // namespace

TEST_CASE("quantities have units; names have none") {
  CHECK(numbers("0.5 ms and 1.5 KiB") == Numbers{0.5e-3, 1536});
  CHECK(numbers("33 %, 13,427 tokens, 2.8x, 70.6e9") == Numbers{0.33, 13427, 2.8, 70.6e9});
  CHECK(numbers("ranks 1,2,3").size() == 3);
  CHECK(numbers("8xH100, 2x8xH100, 1F1B, bf16, H100, 70B, x1, ZB-H1").empty());
  CHECK(numbers("`--tp 8` and [a](b_2.md#3)").empty());
  CHECK(numbers("half of it, Twice a third") == Numbers{0.5, 2, 1.0 / 3});
  CHECK(numbers("two ranks") == Numbers{2});
  CHECK(quantities_in("1.26 GiB").at(0).step == 0.01 * 1024 * 1024 * 1024);
  CHECK(quantities_in("2e3").at(0).step == 1000);
  CHECK(quantities_in("56,900").at(0).step == 100);
  CHECK(quantities_in("1.30").at(0).step == 0.01);
}

TEST_CASE("passages are paragraphs, points, headings and rows, without code and what is computed") {
  const std::string page =
      "# Title\n\nOne\n  two.\n* point\n  goes on\n* next\n\n```\ncode 1\n```\n\n    code 2\n\n"
      "| a | 3 |\n|---|---|\n| b | 4 |\n<!-- computed: x -->\nfigure 5\n<!-- end -->\nafter\n";
  std::vector<std::string> words;
  for (const Passage& p : passages_of(page)) words.push_back(p.words);
  CHECK(words == std::vector<std::string>{"# Title", "One two.", "* point goes on", "* next",
                                          "| a | 3 |", "| b | 4 |", "after"});
  CHECK(passages_of(page).at(1).line == 3);
}

TEST_CASE("statements are at numbers, shares and comparisons") {
  CHECK(statements_of("It takes 2 s, half of that, no more than before.").size() == 4);
  CHECK(statements_of("1. The first point, with two of them.").empty());
  CHECK(statements_of("The `8` best").size() == 1);
}

TEST_CASE("sentences end at a full stop before a new beginning") {
  const std::string words = "One is 1.5 e.g. here. Two (`x`). Three";
  std::vector<std::string> all;
  for (const Stretch& s : sentences_of(words))
    all.push_back(words.substr(s.begin, s.end - s.begin));
  CHECK(all == std::vector<std::string>{"One is 1.5 e.g. here.", "Two (`x`).", "Three"});
}

TEST_CASE("a quote is found however its lines are broken") {
  const auto found = find_quote("a b\n  c d", "b c");
  REQUIRE(found);
  CHECK((found->begin == 2 && found->end == 7));
  CHECK_FALSE(find_quote("a b", "b a"));
}

TEST_CASE("tables between marks are read with their numbers") {
  const Json tables = tables_of(
      "<!-- computed: times 8 -->\n| n | step |\n|---|---|\n| `ring` | 1.5 ms |\n<!-- end -->\n"
      "<!-- sweep: x -->\n| a |\n|---|\n| 1 |\n\nb\n\n| c |\n|---|\n| 2 |\n<!-- end -->\n");
  CHECK(tables.at("times 8").at("rows").dump() == R"([["ring","1.5 ms"]])");
  CHECK(tables.at("times 8").at("numbers").dump() == "[[[],[0.0015]]]");
  CHECK(tables.at("x").elements().size() == 2);
}

}  // namespace shardpipe
