// What known wrong answers do is remembered for one build of them, and only as long as it is whole.
#include "labs/grade/signatures.h"

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace shardpipe {
namespace {

const Signatures kSome = {{"RS-OVERWRITE", digest_of("a")}, {"RS-STEP-SHORT.2", digest_of("b")}};

}  // namespace

TEST_CASE("signatures are read as they were written, under their key alone") {
  const TemporaryFolder folder;
  const std::string file = signatures_file(folder.file("known_x.so"));
  CHECK(file == folder.file("known_x.signatures"));
  CHECK_FALSE(read_signatures(file, "key"));  // there is none
  folder.write("known_x.signatures", text_of(kSome, "key"));
  CHECK(read_signatures(file, "key") == kSome);
  CHECK_FALSE(read_signatures(file, "other"));
  folder.write("known_x.signatures", text_of({}, "key"));
  CHECK(read_signatures(file, "key") == Signatures());
}

TEST_CASE("a damaged file of signatures is as good as none") {
  const TemporaryFolder folder;
  const std::string file = folder.file("known_x.signatures"), whole = text_of(kSome, "key");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    folder.write("known_x.signatures", changed);
    INFO("byte " << i);
    CHECK_FALSE(read_signatures(file, "key"));
    folder.write("known_x.signatures", whole.substr(0, i));
    CHECK_FALSE(read_signatures(file, "key"));
  }
  folder.write("known_x.signatures", whole + "RS-OVERWRITE 0\n");
  CHECK_FALSE(read_signatures(file, "key"));
}

TEST_CASE("the key is that of the content: of the known answers, the grader and the kit") {
  const TemporaryFolder folder;
  const std::string known = folder.write("known_x.so", "one"),
                    grader = folder.write("lab-grade", "one");
  folder.write("libshardpipe.so", "one");
  const std::string before = signatures_key(known, grader);
  for (const char* file : {"known_x.so", "lab-grade", "libshardpipe.so"}) {
    folder.write(file, "two");
    CHECK(signatures_key(known, grader) != before);
    folder.write(file, "one");
    CHECK(signatures_key(known, grader) == before);
  }
}

TEST_CASE("digests tell apart what differs in one place, in length or in order") {
  std::string words(1000, 'a');
  const std::string before = digest_of(words);
  for (char& c : words) {
    c = 'b';
    CHECK(digest_of(words) != before);
    c = 'a';
  }
  CHECK(digest_of(words) == before);
  CHECK(digest_of(words + std::string(1, '\0')) != before);
  CHECK(digest_of("") != digest_of(std::string(1, '\0')));
  CHECK(digest_of("abcdefghABCDEFGH") != digest_of("ABCDEFGHabcdefgh"));
}

}  // namespace shardpipe
