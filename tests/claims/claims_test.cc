// Files of claims, of one page and of a folder of pages.
#include "labs/claims/claims.h"

#include <algorithm>

#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("a file of one page has the claims of that page") {
  const auto pages = read_claims("docs/claims/memory.toml");
  REQUIRE(pages.size() == 1);
  CHECK(pages[0].page == "docs/memory.md");
  CHECK(pages[0].complete);
  CHECK_FALSE(pages[0].claims.empty());
}

TEST_CASE("a file of a folder has all pages of it, each with its own claims") {
  const auto pages = read_claims("docs/claims/why.toml");
  const auto of = [&](const std::string& page) {
    const auto found = std::find_if(pages.begin(), pages.end(),
                                    [&](const PageClaims& one) { return one.page == page; });
    REQUIRE(found != pages.end());
    return *found;
  };
  CHECK(of("docs/why/P2P-TAG-SWAP.md").claims.empty());  // no sentence of it counts
  for (const Claim& claim : of("docs/why/AR-SCALE-FORGOTTEN.md").claims)
    CHECK(claim.quote.find("token") == std::string::npos);
  CHECK(std::all_of(pages.begin(), pages.end(), [](const auto& one) { return one.complete; }));
}

}  // namespace shardpipe
