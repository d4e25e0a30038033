#include "core/base/shell_word.h"

#include <array>
#include <cstdio>
#include <memory>

#include "core/base/printable.h"
#include "core/base/random.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// What bash takes these words for, each ended by a byte of 0.
std::string read_by_bash(const std::string& words, const std::string& locale) {
  // The outer shell may be another one: it hands the words on as they are.
  const std::string script = "printf '%s\\0' " + words;
  std::string quoted;
  for (const char c : script) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  const std::string command = "LC_ALL=" + locale + " bash -c '" + quoted + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> process(popen(command.c_str(), "r"),
                                                                pclose);
  REQUIRE(process != nullptr);
  std::string all;
  std::array<char, 4096> bytes;
  while (const std::size_t n = std::fread(bytes.data(), 1, bytes.size(), process.get()))
    all.append(bytes.data(), n);
  return all;
}

std::string random_word(std::uint64_t seed) {
  const std::string likely =
      "' \"\\$`!;&|<>(){}[]*?~#=-\n\t\x1b\xff\xc3\xa9\xe2\x80\xae"
      "ab01";
  const auto bits = [&](std::uint64_t i) { return random_bits(seed, 2, i); };
  std::string word;
  for (std::uint64_t i = 1; i <= bits(0) % 12; ++i) {
    const char c = bits(i) % 4 != 0 ? likely[bits(i) / 4 % likely.size()]
                                    : static_cast<char>(bits(i) / 4 % 255 + 1);
    word += c;
  }
  return word;
}

}  // namespace

TEST_CASE("a word that no shell thinks anything of stays as it is") {
  for (const char* word : {"step.json", ".lab/demo/x-1_2.json", "--tp=4", "a:b,c@d+e%", "é.json"})
    CHECK(shell_word(word) == word);
}

TEST_CASE("other words are quoted") {
  CHECK(shell_word("") == "''");
  CHECK(shell_word("x;touch P;.json") == "'x;touch P;.json'");
  CHECK(shell_word("it's $HOME") == "'it'\\''s $HOME'");
  CHECK(shell_word("~") == "'~'");
  CHECK(shell_word("=ls") == "'=ls'");
  CHECK(shell_word("a\n\x1b[31m'\\!") == "$'a\\n\\x1b[31m\\'\\\\\\x21'");
  CHECK(shell_word("\u202egnp") == "$'\\xe2\\x80\\xaegnp'");
  CHECK(shell_word("-x") == "-x");
  CHECK(shell_file("-x") == "./-x");
  CHECK(shell_file("a b") == "'a b'");
  CHECK(shell_words({"--text", "a b", "--tp=4"}) == "--text 'a b' --tp=4");
}

TEST_CASE("bash reads what was meant, in any locale, and the line is printable") {
  std::vector<std::string> words;
  std::string meant;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    words.push_back(random_word(seed));
    meant += words.back() + '\0';
  }
  const std::string line = shell_words(words);
  CHECK(printable(line) == line);
  CHECK(read_by_bash(line, "C") == meant);
  CHECK(read_by_bash(line, "C.UTF-8") == meant);
}

}  // namespace shardpipe
