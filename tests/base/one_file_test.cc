#include "core/base/one_file.h"

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

using namespace shardpipe;

namespace {

// "": it is not refused.
std::string refusal(const std::vector<NamedFile>& written, const std::vector<NamedFile>& read) {
  try {
    refuse_one_file(written, read);
    return "";
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::usage);
    return e.what();
  }
}

}  // namespace

TEST_CASE("a file that is read may not be written, under whatever name") {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.json", "x"), link = folder.file("link"),
                    hard = folder.file("hard"), other = folder.file("b.json");
  std::filesystem::create_symlink("a.json", link);
  std::filesystem::create_hard_link(file, hard);
  CHECK(refusal({{"--out", file}}, {{"", file}}) ==
        "--out " + file + " and " + file + " are one file: it would be replaced");
  for (const std::string& name : {link, hard, folder.file("./a.json")}) {
    CHECK(refusal({{"--out", name}}, {{"--text", file}}) != "");
    CHECK(refusal({{"--out", file}}, {{"--text", name}}) != "");
  }
  CHECK(refusal({{"--out", other}}, {{"", file}, {"--text", ""}}) == "");
  CHECK(refusal({{"--out", ""}}, {{"--text", ""}}) == "");
}

TEST_CASE("two files that are written are two, also while neither is there") {
  const TemporaryFolder folder;
  const std::string file = folder.file("a"), dangling = folder.file("dangling");
  std::filesystem::create_symlink("a", dangling);
  std::filesystem::create_directory(folder.file("below"));
  CHECK(refusal({{"--trace", file}, {"--save", file}}, {}) ==
        "--trace " + file + " and --save " + file + " are one file: one would replace the other");
  CHECK(refusal({{"--trace", file}, {"--save", dangling}}, {}) != "");
  CHECK(refusal({{"--trace", file}, {"--save", folder.file("below/../a")}}, {}) != "");
  CHECK(refusal({{"--trace", file}, {"--save", folder.file("below/a")}}, {}) == "");
  CHECK(refusal({{"--trace", file}, {"--save", folder.file("b")}}, {}) == "");
  CHECK(refusal({{"--trace", "/dev/null"}, {"--save", "/dev/null"}}, {{"", "/dev/null"}}) == "");
}
