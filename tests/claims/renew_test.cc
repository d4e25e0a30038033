// Figures of quotes follow what commands print, in page, quote and relation, and nothing else does.
#include "labs/claims/renew.h"

#include "tests/support/catch.h"

namespace shardpipe {
namespace {

const Json& document(const std::string&) {
  static const Json run = *parse_json(R"({"step_s": 0.0234, "tokens": 61234, "rest": 7})");
  return run;
}

Renewed renew(const std::string& page, const std::string& quote, const std::string& relation) {
  const PageClaims of{.claims = {{.quote = quote, .relation = relation}}};
  return renewed(of,
                 {.page = page, .file = "quote = '" + quote + "'\nrelation = '" + relation + "'\n"},
                 document);
}

}  // namespace

TEST_CASE("a number takes the value of its command, at its precision") {
  const Renewed now = renew("A step of 3 takes\n12.1 ms here, 12.1 ms there.",
                            "A step of 3 takes 12.1 ms", "run.step_s ~ 12.1 ms and 1 + 2 == 3");
  CHECK(now.figures == 1);
  CHECK(now.page == "A step of 3 takes\n23.4 ms here, 12.1 ms there.");
  CHECK(now.file ==
        "quote = 'A step of 3 takes 23.4 ms'\nrelation = 'run.step_s ~ 23.4 ms and 1 + 2 == 3'\n");
}

TEST_CASE("several numbers of a quote, commas and rounded thousands") {
  const Renewed now = renew("12.1 ms, 56,900 a second", "12.1 ms, 56,900 a second",
                            "run.step_s ~ 12.1 ms and run.tokens ~ 56900");
  CHECK(now.figures == 2);
  CHECK(now.page == "23.4 ms, 61,200 a second");
}

TEST_CASE("what holds, stands there twice, or is no figure stays as it is") {
  for (const auto& [quote, relation] : {std::pair{"takes 23.4 ms", "run.step_s ~ 23.4 ms"},
                                        {"5 of 5", "run.rest ~ 5"},
                                        {"takes less", "run.rest < 5"},
                                        {"takes 9", "run.none ~ 9"}})
    CHECK(renew(quote, quote, relation).figures == 0);
}

}  // namespace shardpipe
