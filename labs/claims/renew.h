// Figures of quotes, brought up to date.
#pragma once

#include <string>

#include "labs/claims/claims.h"
#include "labs/claims/relation.h"

namespace shardpipe {

struct Renewed {
  std::string page = {}, file = {};  // of claims; their text
  int figures = 0;                   // that have changed
};

// In a comparison `x ~ 6.48 ms` that is false the number becomes what x is now, at the precision it
// has; so it does in the quote, there and in the page. A number that its quote has twice is left
// alone: `./lab dev claims` names it.
Renewed renewed(const PageClaims& of, Renewed texts, const Documents& documents);

}  // namespace shardpipe
