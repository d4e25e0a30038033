#include "labs/claims/renew.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "core/base/error.h"
#include "labs/claims/page_text.h"

namespace shardpipe {
namespace {

std::string with_commas(std::string digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t at = point; at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

// A value as a number of this spelling and precision: "6.48", "56,900", "57000".
std::string spelled_like(const std::string& old, const Quantity& shown, double value) {
  const double worth = shown.value / shown.bare, step = shown.step / worth;
  const std::size_t point = old.find('.');
  const int decimals = point == std::string::npos ? 0 : static_cast<int>(old.size() - point - 1);
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.*f", decimals, std::round(value / worth / step) * step);
  return old.find(',') == std::string::npos ? digits : with_commas(digits);
}

struct Change {
  std::string from, to;
};

// Once in `text`, between two places.
bool replace(std::string& text, const std::optional<Stretch>& in, const Change& change) {
  if (!in) return false;
  const std::size_t at = text.find(change.from, in->begin);
  if (at == std::string::npos || at + change.from.size() > in->end) return false;
  text.replace(at, change.from.size(), change.to);
  return true;
}

// The number of a quote that this one of a relation stands for, if there is only one.
std::optional<Quantity> number_in(const std::string& quote, const Quantity& number) {
  std::optional<Quantity> found;
  for (const Mention& said : numbers_of(quote)) {
    if (said.is_word || said.number.bare != number.bare) continue;
    if (found) return std::nullopt;
    found = said.number;
  }
  return found;
}

// All that this number stands in, or nothing.
bool renew(const Claim& claim, const Quantity& number, double value, Renewed& texts) {
  const auto said = number_in(claim.quote, number);
  if (!said) return false;
  const std::string old = claim.quote.substr(said->at, said->length),
                    own = claim.relation.substr(number.at, number.length);
  const Change quoted{old, spelled_like(old, number, value)},
      related{"~ " + own, "~ " + spelled_like(own, number, value)};
  Renewed next = texts;
  if (!replace(next.page, find_quote(next.page, claim.quote), quoted) ||
      !replace(next.file, find_quote(next.file, claim.relation), related) ||
      !replace(next.file, find_quote(next.file, claim.quote), quoted))
    return false;
  ++next.figures;
  texts = std::move(next);
  return true;
}

// The first number of a claim that has changed; false: none has, or it is left alone.
bool renew_one(Claim& claim, Renewed& texts, const Documents& documents) {
  for (const Comparison& c : relation_of(claim.relation).comparisons) {
    if (c.sign != "~" || c.right.kind != Expression::Kind::number || holds(c, documents)) continue;
    const Quantity& number = c.right.number;
    const double value = value_of(c.left, documents);
    const Claim before = claim;
    if (!renew(before, number, value, texts)) continue;
    const Quantity said = *number_in(claim.quote, number);
    const std::string old = claim.quote.substr(said.at, said.length);
    claim.quote.replace(said.at, said.length, spelled_like(old, number, value));
    claim.relation.replace(
        number.at, number.length,
        spelled_like(claim.relation.substr(number.at, number.length), number, value));
    return true;
  }
  return false;
}

}  // namespace

Renewed renewed(const PageClaims& of, Renewed texts, const Documents& documents) {
  for (Claim claim : of.claims) {
    if (claim.kind != ClaimKind::claim) continue;
    try {
      while (renew_one(claim, texts, documents)) {
      }
    } catch (const Error&) {  // it is named where claims are checked
    }
  }
  return texts;
}

}  // namespace shardpipe
