#include "labs/learn/mutations.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "core/base/error.h"

namespace shardpipe {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// A line that is one statement and declares nothing: leaving it out leaves code that compiles.
bool may_go(const std::string& line) {
  const std::size_t at = line.find_first_not_of(' ');
  if (at == std::string::npos || line.back() != ';') return false;
  const std::string word = line.substr(at, line.find_first_of(" ,;", at) - at);
  for (const char* declares : {"const", "auto", "int", "Index", "Tensor", "using", "double", "bool",
                               "std::vector<Action>", "std::string", "//", "return"})
    if (word == declares) return false;
  const auto count = [&](char c) { return std::count(line.begin(), line.end(), c); };
  return count('(') == count(')') && count('{') == count('}');  // "};" ends something
}

struct Change {
  const char *what, *by, *name;
};
using Changes = std::vector<Change>;

const Changes kChanges = {
    {" + ", " - ", "minus"},      {" - ", " + ", "plus"},    {" < ", " <= ", "at_most"},
    {" == ", " != ", "unlike"},   {" += ", " = ", "assign"}, {" - 1", "", "not_one_less"},
    {" + 1", "", "not_one_more"}, {"++", "--", "down"},      {"std::min", "std::max", "max"}};

const Changes kMoreChanges = {
    {" <= ", " < ", "below"},  {" > ", " >= ", "at_least"},     {" >= ", " > ", "above"},
    {" != ", " == ", "alike"}, {" || ", " && ", "and"},         {" && ", " || ", "or"},
    {"(!", "(", "not_not"},    {"std::max", "std::min", "min"}, {" * ", " / ", "divided"},
    {" / ", " * ", "times"},   {" true", " false", "false"},    {" false", " true", "true"}};

// "(a, b" -> "(b, a", where both are a word.
void add_swaps(std::vector<Mutation>& all, const std::string& line, std::size_t begin,
               const std::string& name) {
  int count = 0;
  for (std::size_t comma = line.find(", "); comma != std::string::npos;
       comma = line.find(", ", comma + 1)) {
    std::size_t first = comma, last = comma + 2;
    while (first > 0 && is_word(line[first - 1])) --first;
    while (last < line.size() && is_word(line[last])) ++last;
    const std::string a = line.substr(first, comma - first);
    const std::string b = line.substr(comma + 2, last - comma - 2);
    const bool ends = last < line.size() && (line[last] == ',' || line[last] == ')');
    const bool starts = first > 0 && (line[first - 1] == '(' || line[first - 1] == ' ');
    if (a.empty() || b.empty() || a == b || !ends || !starts) continue;
    all.push_back({text(name, "_swapped", ++count), begin + first, begin + last, b + ", " + a});
  }
}

void add_changes(std::vector<Mutation>& all, const std::string& line, std::size_t begin,
                 const std::string& name, const Changes& changes) {
  const std::size_t comment = std::min(line.find("//"), line.size());
  for (const Change& change : changes) {
    int count = 0;
    for (std::size_t at = line.find(change.what); at < comment;
         at = line.find(change.what, at + 1)) {
      const std::size_t after = at + std::strlen(change.what);
      const char last = change.what[std::strlen(change.what) - 1];
      if (std::isdigit(static_cast<unsigned char>(last)) != 0 && after < line.size() &&
          is_word(line[after]))
        continue;
      all.push_back({text(name, "_", change.name, ++count), begin + at, begin + after, change.by});
    }
  }
}

template <class Add>
void for_each_line(const std::string& source, std::size_t begin, std::size_t end, const Add& add) {
  int number = 0;
  while (begin < end) {
    const std::size_t line_end = std::min(source.find('\n', begin), source.size());
    add(source.substr(begin, line_end - begin), begin, text("l", ++number));
    begin = line_end + 1;
  }
}

}  // namespace

std::vector<Mutation> mutations_of(const std::string& source, std::size_t begin, std::size_t end) {
  std::vector<Mutation> all;
  for_each_line(source, begin, end,
                [&](const std::string& line, std::size_t at, const std::string& name) {
                  if (may_go(line)) all.push_back({name + "_left_out", at, at + line.size(), ""});
                  add_changes(all, line, at, name, kChanges);
                });
  return all;
}

std::vector<Mutation> source_mutations_of(const std::string& source) {
  std::vector<Mutation> all = mutations_of(source, 0, source.size());
  for_each_line(source, 0, source.size(),
                [&](const std::string& line, std::size_t at, const std::string& name) {
                  add_changes(all, line, at, name, kMoreChanges);
                  if (line.find("//") == std::string::npos) add_swaps(all, line, at, name);
                });
  return all;
}

std::string with(const std::string& source, const Mutation& m) {
  return source.substr(0, m.begin) + m.by + source.substr(m.end);
}

}  // namespace shardpipe
