// Batches of bytes: a function of (text, seed, step), with targets one byte further on.
#include "core/model/text_batches.h"

#include <sys/stat.h>

#include <set>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

std::string bytes_from(int first, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(first + i);
  return bytes;
}

}  // namespace

TEST_CASE("text batches: targets are the bytes that follow, also above 127") {
  const TextBatches batches(bytes_from(0, 256), 3, 7, 1);
  CHECK(batches.bytes() == 256);
  for (int step = 0; step < 20; ++step) {
    const Batch b = batches.at(step);
    REQUIRE(b.tokens.size() == 21);
    REQUIRE(b.targets.size() == 21);
    for (std::size_t i = 0; i < 21; ++i) {
      CHECK(b.targets[i] == b.tokens[i] + 1);
      if (i % 7 != 0) CHECK(b.tokens[i] == b.targets[i - 1]);
    }
  }
}

TEST_CASE("text batches: a step's batch depends on seed and step only") {
  const TextBatches a(bytes_from(0, 256), 2, 5, 1), same(bytes_from(0, 256), 2, 5, 1),
      other(bytes_from(0, 256), 2, 5, 2);
  const Batch third = a.at(3);
  a.at(7);
  CHECK(same.at(3).tokens == third.tokens);
  CHECK(a.at(4).tokens != third.tokens);
  CHECK(other.at(3).tokens != third.tokens);
}

TEST_CASE("text batches: a run that resumes takes the sequences that come next, in any batch") {
  const TextBatches whole(bytes_from(0, 256), 2, 5, 1);
  TextBatches rest(bytes_from(0, 256), 2, 5, 1), larger(bytes_from(0, 256), 4, 5, 1);
  CHECK(whole.sequences_before(3) == 6);
  rest.begin_at(6);
  for (const int step : {0, 1, 2}) CHECK(rest.at(step).tokens == whole.at(step + 3).tokens);
  CHECK(rest.sequences_before(2) == 10);
  larger.begin_at(6);
  std::vector<std::int32_t> next = whole.at(3).tokens;
  const Batch after = whole.at(4);
  next.insert(next.end(), after.tokens.begin(), after.tokens.end());
  CHECK(larger.at(0).tokens == next);
}

TEST_CASE("text batches: the hash is that of the text alone") {
  CHECK(TextBatches("abcd", 1, 2, 1).hash() == "fnv1a64:fc179f83ee0724dd");  // FNV-1a, 64 bits
  CHECK(TextBatches("abcd", 3, 1, 9).hash() == TextBatches("abcd", 1, 2, 1).hash());
  CHECK(TextBatches("abce", 1, 2, 1).hash() != TextBatches("abcd", 1, 2, 1).hash());
}

TEST_CASE("text batches: the first and the last place are used, and none beyond") {
  const TextBatches batches("abcdef", 1, 3, 1);  // places 0, 1, 2
  std::set<std::int32_t> firsts;
  for (int step = 0; step < 50; ++step) firsts.insert(batches.at(step).tokens[0]);
  CHECK(firsts == std::set<std::int32_t>{'a', 'b', 'c'});
  CHECK(TextBatches("abcd", 1, 3, 1).at(9).targets == std::vector<std::int32_t>{'b', 'c', 'd'});
}

TEST_CASE("text batches: a text that is too short") {
  CHECK(lacks(usage_message([] { TextBatches("abc", 1, 3, 1); }), {"3 bytes", "--seq 3", "4"}) ==
        "");
  CHECK(lacks(usage_message([] { TextBatches("", 1, 3, 1); }), {"0 bytes"}) == "");
}

TEST_CASE("read_text: a file, a folder in order of name, and what is missing") {
  const TemporaryFolder folder;
  const std::string file = folder.write("one.txt", "one\n");
  CHECK(read_text(file) == "one\n");
  CHECK(lacks(usage_message([&] { read_text(folder.path().string()); }), {"no .md file"}) == "");
  folder.write("b.md", "second ");
  folder.write("a.md", "first ");
  folder.write("inner/c.md", "third");
  CHECK(read_text(folder.path().string()) == "first second third");
  const std::string pipe = folder.file("pipe.md");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(lacks(usage_message([&] { read_text(pipe, false); }), {"pipe.md: is a pipe"}) == "");
  CHECK(lacks(usage_message([&] { read_text(folder.path().string()); }), {"pipe.md: is a pipe"}) ==
        "");
  const std::string missing = folder.file("missing");
  CHECK(lacks(usage_message([&] { read_text(missing); }), {missing.c_str(), "cannot be read"}) ==
        "");
}

}  // namespace shardpipe
