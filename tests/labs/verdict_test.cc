// The verdict of a run: what it compares, what it sees, and that it costs the run nothing.
#include "labs/verdict.h"

#include <cmath>
#include <limits>

#include "labs/report.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

RankPart whole(const std::string& name, const std::vector<float>& values,
               const std::string& scale) {
  const Shape shape = {static_cast<Index>(values.size())};
  return {.scale = scale, .pieces = replicated(name, shape)(0), .local = shape, .values = values};
}

RankOutcome outcome(const std::vector<float>& a, std::vector<double> losses = {}) {
  return {{whole("a", a, "a")}, std::move(losses)};
}

Check check(const OneRankResult& one, const RankOutcome& got) {
  return check_of(one, {one.compare(got)}, "one rank");
}

LabOptions small_training(const std::string& lab, GridShape grid,
                          const std::map<std::string, std::string>& toggles) {
  LabOptions o{.device = "cpu", .grid = grid, .steps = 4};
  const Lab& l = find_lab(lab);
  o.technique = l.technique;
  for (const Toggle& t : l.toggles) o.toggles[t.name] = t.default_value;
  for (const auto& [name, value] : toggles) o.toggles[name] = value;
  o.shape = {
      .layers = 2, .hidden = 48, .ffn = 96, .heads = 8, .kv_heads = 8, .seq = 16, .batch = 4};
  return o;
}

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("exact numbers have to be equal bit for bit") {
  const OneRankResult one(outcome({1, 2, 4}));
  CHECK(check(one, outcome({1, 2, 4})).passed());
  CHECK(check(one, outcome({1, 2, 4})).bitwise);
  const Check off = check(one, outcome({1, 2, std::nextafter(4.0f, 5.0f)}));
  CHECK_FALSE(off.passed());
  CHECK_FALSE(off.bitwise);
  CHECK(off.compared.at(0).where == "a");
  CHECK_FALSE(check(one, outcome({1, kNaN, 4})).passed());
}

TEST_CASE("others may be some times as far off as the furthest that shaken weights moved it") {
  OneRankResult one(outcome({1, 2, 4}, {2, 2}));
  one.widen(outcome({1, 2.001f, 4}, {2.01, 2}));
  one.widen(outcome({1, 2, 4}, {2, 2.02}));
  CHECK(check(one, outcome({1, 2, 4.0049f}, {2, 2})).passed());
  CHECK_FALSE(check(one, outcome({1, 2, 4.0051f}, {2, 2})).passed());
  // Of losses a step may move as far as those before it.
  CHECK(check(one, outcome({1, 2, 4}, {2.119, 2.239})).passed());
  CHECK_FALSE(check(one, outcome({1, 2, 4}, {2.121, 2})).passed());
  CHECK_FALSE(check(one, outcome({1, 2, 4}, {2, 2.241})).passed());
  const Check closest = check(one, outcome({1, 2, 4}, {2, 2.101}));
  CHECK(closest.compared.at(1).where == "step 1");
  CHECK(closest.compared.at(1).difference == Approx(0.0505));
}

TEST_CASE("parts of a fused parameter share their scale; other tensors do not") {
  const auto parts = [](float key, float query, float other) {
    return RankOutcome{
        {whole("key", {key}, "qkv"), whole("query", {query}, "qkv"), whole("w", {other}, "w")}, {}};
  };
  OneRankResult one(parts(1e-9f, 1, 1e-9f));
  one.widen(parts(3e-9f, 1.00001f, 1e-9f));
  CHECK(check(one, parts(-5e-9f, 1, 1e-9f)).passed());
  CHECK_FALSE(check(one, parts(1e-9f, 1, -5e-9f)).passed());
}

TEST_CASE("losses that are no number on one rank neither are not compared: it diverged") {
  const double nan = std::nan("");
  OneRankResult one(outcome({1}, {2, nan, nan}));
  one.widen(outcome({1}, {2, nan, nan}));
  const Check both = check(one, outcome({1}, {2, nan, nan}));
  CHECK(both.passed());
  CHECK(both.diverged);
  CHECK_FALSE(check(one, outcome({1}, {nan, nan, nan})).passed());
  CHECK_FALSE(check(one, outcome({1}, {2, 7, 7})).passed());
}

TEST_CASE("a number that no rank has is missed") {
  RankOutcome all = outcome({1, 2, 3, 4});
  const OneRankResult one(all);
  RankPart& part = all.tensors[0];
  part.local = {2};
  part.values = {1, 2};
  part.pieces[0].count = 2;
  const RankComparison first = one.compare(all);
  part.values = {3, 4};
  part.pieces[0].full_first = 2;
  CHECK(check_of(one, {first, one.compare(all)}, "").passed());
  CHECK_FALSE(check_of(one, {first}, "").passed());
  CHECK(check_of(one, {first}, "").missing == 2);
  part.copy = true;  // counted elsewhere
  CHECK(check_of(one, {first, one.compare(all)}, "").missing == 2);
}

TEST_CASE("right runs are called equal at any rate of learning, with heads that ranks share") {
  for (const char* rate : {"0.003", "0.1", "10", "1e30"})
    for (const char* family : {"gpt2", "llama"}) {
      LabOptions o =
          small_training("tp-train", {.tp = 4}, {{"family", family}, {"learning-rate", rate}});
      o.shape.kv_heads = 1;
      const LabResult r = find_lab("tp-train").run(o);
      INFO(family << " " << rate << "\n" << to_text(r));
      REQUIRE(r.check.has_value());
      CHECK(r.check->passed());
      CHECK(r.check->compared.size() == 2);
    }
}

TEST_CASE("the verdict changes nothing of what is measured") {
  for (const auto& [lab, grid] : {std::pair<std::string, GridShape>{"tp-train", {.tp = 2}},
                                  {"hybrid-train", {.tp = 2, .pp = 2}}}) {
    LabOptions o = small_training(lab, grid, {});
    const LabResult with = find_lab(lab).run(o);
    o.check = false;
    const LabResult without = find_lab(lab).run(o);
    CHECK(with.check.has_value());
    CHECK_FALSE(without.check.has_value());
    CHECK(with.loss == without.loss);
    CHECK(with.report.trace.spans.size() == without.report.trace.spans.size());
    for (std::size_t r = 0; r < with.report.ranks.size(); ++r) {
      CHECK(with.report.ranks[r].peak_bytes == without.report.ranks[r].peak_bytes);
      const auto &a = with.report.ranks[r].communication,
                 &b = without.report.ranks[r].communication;
      REQUIRE(a.size() == b.size());
      for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i].calls == b[i].calls);
    }
    CHECK(to_text(without).find("left out (--no-check)") != std::string::npos);
  }
}

}  // namespace shardpipe
