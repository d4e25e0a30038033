// The prose of a page: what a reader takes for statements. Left out: blocks of code and pictures,
// comments, and what stands between marks, which is computed (tests/support/computed_page.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "labs/quantity.h"

namespace shardpipe {

// A paragraph, a point of a list, a heading or a row of a table; one space between words.
struct Passage {
  int line = 0;
  std::string words = {};
};

std::vector<Passage> passages_of(const std::string& page);

std::string normalised(const std::string& words);  // one space between words

struct Stretch {
  std::size_t begin = 0, end = 0;
  bool holds(std::size_t place) const { return begin <= place && place < end; }
};

// Where a quote stands, in raw text whose words may be broken over lines.
std::optional<Stretch> find_quote(const std::string& page, const std::string& quote);

std::vector<Stretch> sentences_of(const std::string& passage);

// The numbers of prose, and the words half, third, quarter, tenth, twice, double and two .. ten as
// numbers. Not those in `code` or in the target of a link, which name things.
struct Mention {
  Quantity number = {};
  bool is_word = false;  // it may be said the other way round: half, two times
};
std::vector<Mention> numbers_of(const std::string& words);

// Places of a passage at which it counts, bounds or compares: numbers in figures, half, twice and
// their like, "than", and superlatives.
std::vector<std::size_t> statements_of(const std::string& passage);

// The tables between marks, by the words of the mark behind its colon: {"columns", "rows",
// "numbers"}, or a list of these if there are several.
Json tables_of(const std::string& page);

}  // namespace shardpipe
