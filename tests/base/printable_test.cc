#include "core/base/printable.h"

#include "core/base/random.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// Of random bytes, those among them that begin characters and escapes more often than others.
std::string random_bytes(std::uint64_t seed) {
  const std::string likely = "\x1b[m\n\xe2\x80\xae\xc2\x9b\xf0\x9f\x98\x80\xef\xbb\xbf";
  const auto bits = [&](std::uint64_t i) { return random_bits(seed, 1, i); };
  std::string bytes;
  for (std::uint64_t i = 1; i <= bits(0) % 40; ++i)
    bytes += bits(i) % 2 == 0 ? likely[bits(i) / 2 % likely.size()]
                              : static_cast<char>(bits(i) / 2 % 256);
  return bytes;
}

bool is_harmless(std::string_view words) {
  while (!words.empty()) {
    const Character c = first_character(words);
    if (!c.is_utf8 || !c.is_harmless) return false;
    words.remove_prefix(c.bytes);
  }
  return true;
}

}  // namespace

TEST_CASE("printable: letters of all languages stay") {
  for (const char* words :
       {"", "a b~", "C:\\new \\x1b", "é", "Ω", "東京", "עברית", "العربية", "🙂", "f(x) → ∑",
        "a\xc2\xa0"
        "b"})
    CHECK(printable(words) == words);
}

TEST_CASE("printable: what drives a terminal or deceives is shown") {
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable("\x1b[2J\a\x7f") == "\\x1b[2J\\x07\\x7f");
  CHECK(printable(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(printable("\x9b"
                  "31m") == "\\x9b31m");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\u009b31m");
  CHECK(printable("\u202etxt\u2066\u2069\u200e\u200f\u061c") ==
        "\\u202etxt\\u2066\\u2069\\u200e\\u200f\\u061c");
  CHECK(printable("\u2028\u2029\u200b\u200d\u2060\ufeff\u00ad\U000e0041\U0001d173\ufffe") ==
        "\\u2028\\u2029\\u200b\\u200d\\u2060\\ufeff\\u00ad\\U000e0041\\U0001d173\\ufffe");
  CHECK(printable("\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x80") ==
        "\\xff\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80\\xe2\\x80");
  CHECK(printable_lines("a\n\x1b\n") == "a\n\\x1b\n");
}

TEST_CASE("printable: of any bytes it is one line of harmless characters, and stays as it is") {
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    const std::string once = printable(random_bytes(seed));
    if (is_harmless(once) && printable(once) == once) continue;
    CAPTURE(seed);
    FAIL_CHECK("not printable: " << once);
  }
}

TEST_CASE("a character that is cut off at the end is known as such") {
  const std::string smile = "a\xf0\x9f\x98\x80";
  for (std::size_t bytes = 0; bytes <= 4; ++bytes) {
    const std::size_t begun = bytes == 4 ? 0 : bytes;
    CHECK(cut_off_at_end(std::string_view(smile).substr(0, 1 + bytes)) == begun);
  }
  CHECK(cut_off_at_end("") == 0);
  CHECK(cut_off_at_end("\xff") == 0);
  CHECK(cut_off_at_end("\x80\x80\x80\x80") == 0);
}

}  // namespace shardpipe
