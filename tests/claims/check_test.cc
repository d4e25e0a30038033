// A wrong claim is refused with one sentence that names page and quote.
#include "labs/claims/check.h"

#include "labs/claims/documents.h"
#include "labs/learn/known_codes.h"
#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

const std::string kPage =
    "A step takes 12 ms, half of\nbefore. It is faster on 4 than that. Is it more than 3?\n\n| "
    "sums | 2 a step |\n";

const Json& document(const std::string& name) {
  static const Json run = *parse_json(R"({"step_s": 0.012, "before_s": 0.024, "sums": 2})");
  if (name != "run") usage_error(text("there is no command ", name));
  return run;
}

std::string said(const Claim& claim) {
  const std::string line = complaint(
      {.page = "docs/x.md", .commands = {{"run", "run tp-mlp --tp 4"}}}, claim, kPage, document);
  if (line.empty()) return line;
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.rfind("docs/x.md: \"" + claim.quote + "\": ", 0) == 0);
  return line;
}

std::string claimed(const std::string& quote, const std::string& relation) {
  return said({.quote = quote, .relation = relation});
}

}  // namespace

TEST_CASE("true claims pass") {
  CHECK(claimed("A step takes 12 ms", "run.step_s ~ 12 ms") == "");
  CHECK(claimed("half of before", "run.step_s / run.before_s ~ 0.5") == "");
  CHECK(claimed("half of before", "run.before_s / run.step_s ~ 2") == "");
  CHECK(claimed("It is faster on 4", "run.step_s < run.before_s") == "");
  CHECK(claimed("It is faster", "run.step_s < run.before_s") == "");
  CHECK(claimed("| sums | 2 a step |", "run.sums == 2") == "");
  CHECK(said({.kind = ClaimKind::definition, .quote = "A step"}) == "");
  CHECK(said({.kind = ClaimKind::cited, .quote = "A step", .source = "Somebody, 2021, 4.1"}) == "");
  CHECK(said({.kind = ClaimKind::cited,
              .quote = "A step",
              .source = "core/base/json.h: A JSON value"}) == "");
  CHECK(said({.kind = ClaimKind::planted, .quote = "A step", .bugs = {"bias_on_rank_0"}}) == "");
}

TEST_CASE("wrong claims are refused") {
  CHECK(lacks(claimed("A step takes 13 ms", "run.step_s ~ 13 ms"), {"does not stand there"}) == "");
  CHECK(lacks(claimed("A step takes 12 ms", "run.step_s < run.before_s"), {"12", "not in"}) == "");
  CHECK(lacks(claimed("A step takes 12 ms", "run.before_s ~ 12 ms"), {"0.024 ~ 0.012"}) == "");
  CHECK(lacks(claimed("| sums | 2 a step |", "run.sums < 7 and run.sums == 2"),
              {"cannot fail", "factor of two"}) == "");
  CHECK(claimed("| sums | 2 a step |", "6 / 3 == 2") == "");
  CHECK(lacks(claimed("| sums | 2 a step |", "6 / 2 == 2"), {"3 == 2 is false"}) == "");
  CHECK(lacks(claimed("It is faster", "run.step_s > run.before_s"), {"is false"}) == "");
  CHECK(lacks(claimed("It is faster", "walk.step_s < 1"), {"no command walk"}) == "");
  CHECK(lacks(claimed("It is faster", "run.step_s"), {"should stand before"}) == "");
  CHECK(lacks(said({.kind = ClaimKind::cited, .quote = "A step", .source = "core/no.h: x"}),
              {"core/no.h is no file"}) == "");
  CHECK(lacks(said({.kind = ClaimKind::cited,
                    .quote = "A step",
                    .source = "core/base/json.h: no such words"}),
              {"no such words", "is not in"}) == "");
  CHECK(lacks(said({.kind = ClaimKind::planted, .quote = "A step", .bugs = {"none"}}),
              {"no bug none"}) == "");
}

TEST_CASE("what a wrong answer does is graded where there is such an answer") {
  const Claim claim{.kind = ClaimKind::graded, .quote = "A step"};
  const auto of = [&](const std::string& page) {
    return complaint({.page = page}, claim, kPage, document);
  };
  CHECK(of("docs/why/AG-ADDS.md") == "");
  CHECK(of("docs/why/PREDICT-SHARD.md") == "");
  CHECK(lacks(of("docs/x.md"), {"no exercise has a wrong answer x"}) == "");
}

TEST_CASE("a mistake has the scores of its answers and the values of its guesses") {
  CHECK(known_codes().at("AG-ADDS").at("scores").elements().size() >= 1);
  const Json& shard = known_codes().at("PREDICT-SHARD").at("guesses").elements().at(0);
  CHECK(shard.at("value").number() < shard.at("answer").number());
}

TEST_CASE("sentences outside of quotes are listed with page and line") {
  const auto lines =
      unquoted("docs/x.md", kPage, {{.quote = "A step takes 12 ms"}, {.quote = "2 a step"}});
  CHECK(lines == std::vector<std::string>{"docs/x.md:1: A step takes 12 ms, half of before.",
                                          "docs/x.md:1: It is faster on 4 than that."});
}

TEST_CASE("a command prints JSON") {
  CHECK(with_json("run tp-mlp --tp 2") == "run tp-mlp --tp 2 --json");
  CHECK(with_json("schedule 1f1b --stages 2") == "schedule 1f1b --stages 2 --format json");
}

}  // namespace shardpipe
