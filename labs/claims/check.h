// Whether a page's claims are true.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "labs/claims/claims.h"
#include "labs/claims/relation.h"

namespace shardpipe {

// What is wrong with one claim of this page, a sentence that names page and quote; "" if nothing.
// Documents are those of the page's commands, and its tables.
std::string complaint(const PageClaims& of, const Claim& claim, const std::string& page,
                      const Documents& documents);

// Sentences of a page, but for questions, that count, bound or compare outside of all quotes:
// "PAGE:LINE: SENTENCE".
std::vector<std::string> unquoted(const std::string& name, const std::string& page,
                                  const std::vector<Claim>& claims);

}  // namespace shardpipe
