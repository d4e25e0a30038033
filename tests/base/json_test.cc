// Documents as they are built, written and read; an independent library reads what is written.
#include "core/base/json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

Json document() {
  Json levels = Json::list({1, -2, 2.5, true, nullptr, "x"});
  levels.push_back(Json::object()).set("deep", Json::list());
  return {{"rank", 3},
          {"big", UINT64_MAX},
          {"names", std::vector<std::string>{"a", "b \"quoted\"\n"}},
          {"levels", levels},
          {"nothing", {}}};
}

std::string refusal(const Json& value, const std::function<void(const Json&)>& use) {
  return usage_message([&] { use(value); });
}

std::string why_not(const std::string& text) {
  std::string why;
  CHECK_FALSE(parse_json(text, &why));
  return why;
}

}  // namespace

TEST_CASE("json: what is written is what another library writes, on one line and on many") {
  const auto theirs = nlohmann::ordered_json::parse(document().dump());
  CHECK(document().dump() == theirs.dump());
  CHECK(document().dump(2) == theirs.dump(2));
  CHECK(theirs["levels"][2] == 2.5);
  CHECK(theirs["big"] == UINT64_MAX);
  CHECK(Json(1e-7).dump() == nlohmann::json(1e-7).dump());
  CHECK(Json(1.0).dump() == "1.0");
  CHECK(Json(std::nan("")).dump() == "null");
  CHECK(Json("\xff!").dump() == "\"\xef\xbf\xbd!\"");  // no UTF-8: replaced
}

TEST_CASE("json: letters stay, and what a terminal would not show is escaped, in keys, too") {
  const std::string words = "é\u202e\u009b\x7f\x1b\U000e0041";
  Json both = Json::object();
  both.set(words, words);
  const std::string spelled = R"("é\u202e\u009b\u007f\u001b\udb40\udc41")";
  CHECK(both.dump() == "{" + spelled + ":" + spelled + "}");
  CHECK(nlohmann::json::parse(both.dump())[words] == words);
}

TEST_CASE("json: what was read is what was written") {
  CHECK(parse_json(document().dump(2))->dump() == document().dump());
  CHECK(parse_json("{\"a\":1,\"a\":2}")->at("a").integer() == 2);
  CHECK(parse_json(" [0.1, 12345678901234567890] ")->elements()[1].is_integer());
}

TEST_CASE("json: a value that is not what it must be is a usage error with the value in it") {
  const Json d = document();
  CHECK(refusal(d, [](const Json& v) { v.at("ranks"); }) == "key 'ranks' is missing");
  CHECK(refusal(d.at("rank"), [](const Json& v) { v.string(); }) == "3 is not a string");
  CHECK(refusal(Json("3"), [](const Json& v) { v.integer(); }) == "\"3\" is not an integer");
  CHECK(refusal(Json(0.5), [](const Json& v) { v.integer(); }) == "0.5 is not an integer");
  CHECK(refusal(Json(), [](const Json& v) { v.number(); }) == "null is not a number");
  CHECK(refusal(Json(1), [](const Json& v) { v.elements(); }) == "1 is not a list");
  CHECK(refusal(Json(1), [](const Json& v) { v.members(); }) == "1 is not an object");
  CHECK(refusal(d.at("big"), [](const Json& v) { v.integer(); }) ==
        "18446744073709551615 is out of range");
  CHECK(Json(std::uint64_t{INT64_MAX}).integer() == INT64_MAX);
  CHECK(refusal(Json(std::uint64_t{INT64_MAX} + 1), [](const Json& v) { v.integer(); }) ==
        "9223372036854775808 is out of range");
  CHECK(d.find("ranks") == nullptr);
  CHECK(Json(1).find("rank") == nullptr);
}

TEST_CASE("json: what is no JSON says where; brackets without end are refused") {
  CHECK(why_not("{\"a\": tru}").find("line 1, column") != std::string::npos);
  CHECK(why_not("") != "");
  CHECK(why_not("[1] 2") != "");
  CHECK(why_not(std::string(100'000, '[')) == "more than 100 levels");
  CHECK_FALSE(parse_json(std::string("{}\0", 3)));  // the library would stop there
  CHECK(parse_json(std::string(100, '[') + std::string(100, ']')));
  CHECK(why_not(std::string(101, '[') + std::string(101, ']')) == "more than 100 levels");
  JsonBuilder few(2);
  few.open(Json::list());
  few.add(1);
  CHECK(usage_message([&] { few.add(2); }) == "more than 2 values");
}

}  // namespace shardpipe
