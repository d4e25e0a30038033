#include "core/base/flags.h"

#include <optional>

#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

struct Set {
  std::string name = {}, colour = "red";
  int count = 4;
  std::int64_t bytes = 0;
  std::uint64_t seed = 0;
  double seconds = 0.5, part = 1;
  std::optional<int> steps = {};
  std::optional<std::int64_t> width = {};
  std::vector<std::string> pairs = {};
  bool loud = false;
};

// The help, if it was asked for.
std::string parse(Set& set, const std::vector<std::string>& words) {
  Flags flags("lab paint", "Paints.");
  flags.add("NAME", set.name, "whom").required();
  flags.add("--colour", set.colour, "which").one_of({"red", "blue"}).shows_default();
  flags.add("--count", set.count, "how many").between(1, 9).group("Sizes");
  flags.add("--bytes", set.bytes, "how large");
  flags.add("--seed", set.seed, "of chance");
  flags.add("--seconds", set.seconds, "how long").positive();
  flags.add("--part", set.part, "of all").between(0.25, 1.0);
  flags.add("--steps", set.steps, "if any");
  flags.add("--width", set.width, "if any");
  flags.add("--pair", set.pairs, "two").pairs();
  flags.add("--secret", set.count, "not shown").group("");
  flags.add_switch("--loud", set.loud, "or not");
  flags.example("Example: ./lab paint wall");
  std::string help;
  const bool goes_on = flags.parse(words, &help);  // a CHECK would catch what it throws
  CHECK(goes_on == help.empty());
  return help;
}

std::string refusal(const std::vector<std::string>& words) {
  Set set;
  const std::string what = usage_message([&] { parse(set, words); });
  CHECK(lacks(what, {"(see ./lab paint --help)"}) == "");
  return what;
}

}  // namespace

TEST_CASE("flags: each kind of variable is set; others keep their value") {
  Set set;
  CHECK(parse(set,
              {"wall", "--count", "7", "--bytes", "5000000000", "--seed", "18446744073709551615",
               "--seconds", "1.5", "--width=3", "--pair", "a", "b", "--pair", "c", "d", "--loud"})
            .empty());
  CHECK(set.name == "wall");
  CHECK(set.colour == "red");
  CHECK(set.count == 7);
  CHECK(set.bytes == 5'000'000'000);
  CHECK(set.seed == UINT64_MAX);
  CHECK(set.seconds == 1.5);
  CHECK(!set.steps);
  CHECK(set.width == 3);
  CHECK(set.pairs == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(set.loud);
}

TEST_CASE("flags: a refusal is one line that names the flag") {
  CHECK(lacks(refusal({}), {"NAME"}) == "");
  CHECK(lacks(refusal({"wall", "--colour", "green"}), {"red,blue"}) == "");
  CHECK(lacks(refusal({"wall", "--count", "10"}), {"--count"}) == "");
  CHECK(lacks(refusal({"wall", "--count", "many"}), {"--count"}) == "");
  CHECK(lacks(refusal({"wall", "--seconds", "0"}), {"--seconds"}) == "");
  CHECK(lacks(refusal({"wall", "--pair", "a"}), {"--pair"}) == "");
  CHECK(refusal({"wall", "--size", "3"}) ==
        "lab paint does not take --size (see ./lab paint --help)");
}

TEST_CASE("flags: a range holds its two ends, and nothing beyond them") {
  struct Range {
    const char *flag, *below, *least, *most, *above;
  };
  for (const Range& r :
       {Range{"--count", "0", "1", "9", "10"}, Range{"--part", "0.249", "0.25", "1", "1.001"},
        Range{"--part", "-inf", "0.25", "1", "nan"}, Range{"--seconds", "0", "1e-9", "1e9", "inf"},
        Range{"--seconds", "-1e-9", "1e-9", "1e9", "nan"}}) {
    Set set;
    for (const char* taken : {r.least, r.most}) CHECK(parse(set, {"wall", r.flag, taken}).empty());
    for (const char* beyond : {r.below, r.above})
      CHECK(lacks(refusal({"wall", r.flag, beyond}), {r.flag}) == "");
  }
}

TEST_CASE("flags: help shows what there is to say") {
  Set set;
  const std::string help = parse(set, {"--help"});
  CHECK(lacks(help, {"Paints.", "NAME", "--colour", "=red", "{red,blue}", "[1 - 9]", "Sizes",
                     "Example: ./lab paint wall"}) == "");
  CHECK(lacks(help, {"--secret"}) != "");
}

}  // namespace shardpipe
