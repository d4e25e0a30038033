#include "labs/claims/check.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "labs/claims/page_text.h"
#include "labs/grade/exercise_file.h"
#include "labs/learn/known_codes.h"

namespace shardpipe {
namespace {

bool same(double a, double b) {
  return std::fabs(a - b) <= 1e-9 * std::max(std::fabs(a), std::fabs(b));
}

// A number of a quote as a relation may write it: 12 % or 0.12; half: 0.5 or 2.
bool names(const Quantity& number, const Mention& said) {
  const Quantity& q = said.number;
  return same(number.value, q.value) || same(number.bare, q.bare) ||
         (said.is_word && same(number.value * q.value, 1));
}

// Numbers of a relation, also in the names of its cells, and of the commands that it names: a quote
// may say for which --tp it holds.
std::vector<Quantity> numbers_behind(const Claim& claim, const PageClaims& of) {
  std::vector<Quantity> all = quantities_in(claim.relation);
  for (const auto& [name, command] : of.commands)
    if (claim.relation.find(name + ".") != std::string::npos)
      for (const Quantity& q : quantities_in(command)) all.push_back(q);
  return all;
}

std::string missing_number(const Claim& claim, const PageClaims& of) {
  const auto behind = numbers_behind(claim, of);
  for (const Mention& said : numbers_of(claim.quote))
    if (std::none_of(behind.begin(), behind.end(),
                     [&](const Quantity& number) { return names(number, said); }))
      return text(said.number.bare);
  return "";
}

// Both sides of a comparison that is false.
std::string sides(const Comparison& c, const Documents& documents) {
  if (c.left.kind == Expression::Kind::words || c.right.kind == Expression::Kind::words)
    return text("the text there is not \"", c.right.words, "\"");
  return text(value_of(c.left, documents), " ", c.sign, " ", value_of(c.right, documents),
              " is false");
}

std::string untrue(const PageClaims& of, const Claim& claim, const Documents& documents) {
  const Relation relation = relation_of(claim.relation);
  if (const std::string number = missing_number(claim, of); !number.empty())
    return text("its number ", number, " is not in the relation ", claim.relation);
  for (const Comparison& c : relation.comparisons) {
    if (!holds(c, documents)) return text(claim.relation, ": ", sides(c, documents));
    if (const std::string idle = idle_part(c, documents); !idle.empty())
      return text(claim.relation, " cannot fail: ", idle);
  }
  return "";
}

// A source that is a file of the project: "FILE: words".
std::string not_there(const std::string& source) {
  const std::size_t colon = source.find(": ");
  const std::string file = source.substr(0, colon);
  if (file.find('/') == std::string::npos || file.find(' ') != std::string::npos) return "";
  if (colon == std::string::npos) return text("the source ", file, " lacks words that stand there");
  const std::string path = data_root() + "/" + file;
  if (!is_there(path)) return text("the source ", file, " is no file of the project");
  const std::string words = normalised(source.substr(colon + 2));
  return find_quote(read_file(path), words) ? "" : text("\"", words, "\" is not in ", file);
}

// tests/planted_bugs/run.sh has written a row of each bug that it saw a test find.
std::string no_bug(const std::vector<std::string>& bugs) {
  const std::string page = read_file(data_root() + "/docs/planted_bugs.md");
  for (const std::string& bug : bugs)
    if (page.find("\n| `" + bug + "` |") == std::string::npos)
      return text("docs/planted_bugs.md has no bug ", bug);
  return "";
}

// A page of docs/why is named after the mistake that it is of.
std::string no_answer(const std::string& page) {
  const std::string code = std::filesystem::path(page).stem().string();
  return known_codes().count(code) != 0 ? "" : text("no exercise has a wrong answer ", code);
}

std::string why_not(const PageClaims& of, const Claim& claim, const Documents& documents) {
  switch (claim.kind) {
    case ClaimKind::claim: return untrue(of, claim, documents);
    case ClaimKind::cited: return not_there(claim.source);
    case ClaimKind::planted: return no_bug(claim.bugs);
    case ClaimKind::graded: return no_answer(of.page);
    case ClaimKind::measured:
    case ClaimKind::definition: break;
  }
  return "";
}

bool stands_in(const std::vector<Passage>& passages, const std::string& quote) {
  return std::any_of(passages.begin(), passages.end(),
                     [&](const Passage& p) { return p.words.find(quote) != std::string::npos; });
}

}  // namespace

std::string complaint(const PageClaims& of, const Claim& claim, const std::string& page,
                      const Documents& documents) {
  std::string why;
  if (!stands_in(passages_of(page), claim.quote)) {
    why = "does not stand there";
  } else {
    try {
      why = why_not(of, claim, documents);
    } catch (const Error& e) {
      why = e.what();
    }
  }
  return why.empty() ? "" : text(of.page, ": \"", claim.quote, "\": ", why);
}

std::vector<std::string> unquoted(const std::string& name, const std::string& page,
                                  const std::vector<Claim>& claims) {
  std::vector<std::string> all;
  for (const Passage& passage : passages_of(page)) {
    std::vector<Stretch> quotes;
    for (const Claim& claim : claims)
      for (std::size_t at = passage.words.find(claim.quote); at != std::string::npos;
           at = passage.words.find(claim.quote, at + 1))
        quotes.push_back({at, at + claim.quote.size()});
    const auto places = statements_of(passage.words);
    for (const Stretch& sentence : sentences_of(passage.words))
      if (passage.words[sentence.end - 1] != '?' &&
          std::any_of(places.begin(), places.end(), [&](std::size_t place) {
            return sentence.holds(place) &&
                   std::none_of(quotes.begin(), quotes.end(),
                                [&](const Stretch& q) { return q.holds(place); });
          }))
        all.push_back(text(name, ":", passage.line, ": ",
                           passage.words.substr(sentence.begin, sentence.end - sentence.begin)));
  }
  return all;
}

}  // namespace shardpipe
