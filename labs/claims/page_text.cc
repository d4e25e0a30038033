#include "labs/claims/page_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <utility>

namespace shardpipe {
namespace {

bool starts(const std::string& line, std::string_view with) { return line.rfind(with, 0) == 0; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::size_t indent_of(const std::string& line) { return line.find_first_not_of(' '); }

bool is_point(const std::string& line) {
  const std::size_t at = indent_of(line);
  if (at == std::string::npos) return false;
  if (line.compare(at, 2, "* ") == 0 || line.compare(at, 2, "- ") == 0) return true;
  const std::size_t end = line.find_first_not_of("0123456789", at);
  return end != std::string::npos && end > at && line.compare(end, 2, ". ") == 0;
}

// A line after another, told what it is by what stood before.
class Reading {
 public:
  void line(const std::string& words) {
    ++number_;
    const std::size_t indent = indent_of(words);
    if (indent == std::string::npos) {
      end();
    } else if (words.compare(indent, 3, "```") == 0) {
      end();
      fenced_ = !fenced_;
    } else if (fenced_) {
      return;
    } else if (starts(words, "<!--")) {
      end();
      marked_ = !starts(words, "<!-- end") && words.find("-->") != std::string::npos &&
                words.find(": ") != std::string::npos;
    } else if (!marked_) {
      prose(words, indent);
    }
  }
  std::vector<Passage> finish() {
    end();
    return std::move(all_);
  }

 private:
  void prose(const std::string& words, std::size_t indent) {
    const bool own = starts(words, "|") || starts(words, "#");
    const bool is_code = indent >= 4 && open_.words.empty() && !is_point(words);
    if (is_code || is_rule(words)) return;
    if (own || is_point(words)) end();
    if (open_.words.empty()) open_.line = number_;
    open_.words += (open_.words.empty() ? "" : " ") + normalised(words);
    if (own) end();
  }
  static bool is_rule(const std::string& words) {
    return starts(words, "|-") || words.find_first_not_of("-| ") == std::string::npos;
  }
  void end() {
    if (!open_.words.empty()) all_.push_back(std::move(open_));
    open_ = {};
  }

  int number_ = 0;
  bool fenced_ = false, marked_ = false;
  Passage open_;
  std::vector<Passage> all_;
};

// Stretches of `code`, and of the targets of links.
std::vector<Stretch> names_in(const std::string& words) {
  std::vector<Stretch> all;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const bool code = words[at] == '`', link = words.compare(at, 2, "](") == 0;
    if (!code && !link) continue;
    const std::size_t end = words.find(code ? '`' : ')', at + 2);
    if (end == std::string::npos) continue;
    all.push_back({at, end + 1});
    at = end;
  }
  return all;
}

bool is_name(const std::vector<Stretch>& names, std::size_t at) {
  return std::any_of(names.begin(), names.end(), [&](const Stretch& s) { return s.holds(at); });
}

struct Word {
  std::string letters = {};  // small ones
  std::size_t at = 0;
};

std::vector<Word> words_of(const std::string& text) {
  std::vector<Word> all;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_letter(text[at]) || (at > 0 && (is_letter(text[at - 1]) || text[at - 1] == '_')))
      continue;
    Word word{.at = at};
    for (std::size_t i = at; i < text.size() && (is_letter(text[i]) || text[i] == '_'); ++i)
      word.letters += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    all.push_back(std::move(word));
  }
  return all;
}

struct NumberWord {
  std::string_view word;
  double value;
};
constexpr std::array<NumberWord, 7> kShares = {{{"half", 0.5},
                                                {"third", 1.0 / 3},
                                                {"thirds", 1.0 / 3},
                                                {"quarter", 0.25},
                                                {"tenth", 0.1},
                                                {"twice", 2},
                                                {"double", 2}}};
constexpr std::array<NumberWord, 9> kCounts = {{{"two", 2},
                                                {"three", 3},
                                                {"four", 4},
                                                {"five", 5},
                                                {"six", 6},
                                                {"seven", 7},
                                                {"eight", 8},
                                                {"nine", 9},
                                                {"ten", 10}}};
constexpr std::string_view kCompared[] = {
    "than",    "more",     "less",    "fewer",   "larger",  "smaller", "longer",
    "shorter", "faster",   "slower",  "higher",  "lower",   "most",    "least",
    "fewest",  "best",     "worst",   "fastest", "slowest", "largest", "smallest",
    "longest", "shortest", "highest", "lowest",  "equal"};

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream parts(row.substr(1));
  for (std::string cell; std::getline(parts, cell, '|');) {
    std::erase(cell, '`');
    cells.push_back(normalised(cell));
  }
  return cells;
}

// Tables in a stretch of a page; rows that follow each other are one.
Json tables_in(const std::string& part) {
  Json tables = Json::list();
  std::vector<std::string> columns;
  Json rows = Json::list(), numbers = Json::list();
  const auto end = [&] {
    if (!columns.empty())
      tables.push_back({{"columns", columns}, {"rows", rows}, {"numbers", numbers}});
    columns.clear();
    rows = numbers = Json::list();
  };
  std::istringstream lines(part);
  for (std::string line; std::getline(lines, line);) {
    if (!starts(line, "|")) {
      end();
    } else if (columns.empty()) {
      columns = cells_of(line);
    } else if (!starts(line, "|--")) {
      const auto cells = cells_of(line);
      Json values = Json::list();
      for (const std::string& cell : cells) values.push_back(numbers_of_cell(cell));
      rows.push_back(cells);
      numbers.push_back(values);
    }
  }
  end();
  return tables;
}

}  // namespace

std::string normalised(const std::string& words) {
  std::istringstream in(words);
  std::string all;
  for (std::string word; in >> word;) all += (all.empty() ? "" : " ") + word;
  return all;
}

std::vector<Passage> passages_of(const std::string& page) {
  Reading reading;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) reading.line(line);
  return reading.finish();
}

std::optional<Stretch> find_quote(const std::string& page, const std::string& quote) {
  const std::string wanted = normalised(quote);
  for (std::size_t begin = 0; begin < page.size(); ++begin) {
    std::size_t at = begin, matched = 0;
    while (at < page.size() && matched < wanted.size()) {
      if (wanted[matched] == ' ' && is_space(page[at])) {
        while (at < page.size() && is_space(page[at])) ++at;
        ++matched;
      } else if (page[at] == wanted[matched]) {
        ++at, ++matched;
      } else {
        break;
      }
    }
    if (matched == wanted.size()) return Stretch{begin, at};
  }
  return std::nullopt;
}

std::vector<Stretch> sentences_of(const std::string& passage) {
  std::vector<Stretch> all;
  std::size_t begin = 0;
  for (std::size_t at = 0; at + 2 < passage.size(); ++at) {
    const bool ends = passage[at] == '.' || passage[at] == '!' || passage[at] == '?';
    const std::size_t next = passage[at + 1] == ')' ? at + 2 : at + 1;
    if (!ends || passage[next] != ' ' ||
        std::islower(static_cast<unsigned char>(passage[next + 1])))
      continue;
    all.push_back({begin, next});
    begin = next + 1;
  }
  all.push_back({begin, passage.size()});
  return all;
}

std::vector<Mention> numbers_of(const std::string& words) {
  std::vector<Mention> all;
  const auto names = names_in(words);
  for (const Quantity& q : quantities_in(words))
    if (!is_name(names, q.at)) all.push_back({.number = q});
  const auto add = [&](const auto& table) {
    for (const Word& word : words_of(words))
      for (const NumberWord& one : table)
        if (word.letters == one.word && !is_name(names, word.at))
          all.push_back(
              {.number = {.value = one.value, .bare = one.value, .at = word.at}, .is_word = true});
  };
  add(kShares);
  add(kCounts);
  return all;
}

std::vector<std::size_t> statements_of(const std::string& passage) {
  std::vector<std::size_t> places;
  const auto names = names_in(passage);
  for (const Quantity& q : quantities_in(passage)) {
    const bool counts_points = q.at == 0 && passage.compare(q.length, 2, ". ") == 0;
    if (!counts_points && !is_name(names, q.at)) places.push_back(q.at);
  }
  for (const Word& word : words_of(passage)) {
    if (is_name(names, word.at)) continue;
    const bool share = std::any_of(kShares.begin(), kShares.end(),
                                   [&](const NumberWord& s) { return s.word == word.letters; });
    if (share ||
        std::find(std::begin(kCompared), std::end(kCompared), word.letters) != std::end(kCompared))
      places.push_back(word.at);
  }
  std::sort(places.begin(), places.end());
  return places;
}

Json tables_of(const std::string& page) {
  Json all = Json::object();
  for (std::size_t at = page.find("<!-- "); at != std::string::npos;
       at = page.find("<!-- ", at + 1)) {
    const std::size_t colon = page.find(": ", at), close = page.find(" -->", at),
                      end = page.find("<!-- end -->", at);
    if (end == std::string::npos || colon > close || close > end) continue;
    Json tables = tables_in(page.substr(close, end - close));
    if (tables.elements().empty()) continue;
    const std::string name = page.substr(colon + 2, close - colon - 2);
    all.set(name, tables.elements().size() == 1 ? tables.elements()[0] : tables);
  }
  return all;
}

}  // namespace shardpipe
