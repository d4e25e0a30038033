// Regions of a solution: found, exchanged, and refused where the markers are not in order.
#include "labs/grade/regions.h"

#include "tests/support/catch.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

const std::string kTwo =
    "#include \"a.h\"\n"
    "namespace shardpipe::answer {\n"
    "int f() {\n"
    "  // >>> region 1: f is one (about 1 line)\n"
    "  return 1;\n"
    "  // <<< region 1\n"
    "}\n"
    "int g() {\n"
    "  // >>> region 2: g is two\n"
    "  int x = 1;\n"
    "  return x + 1;\n"
    "  // <<< region 2\n"
    "}\n"
    "}\n"
    "extern \"C\" void shardpipe_answer() {}\n";

std::string message_of(const std::string& source) {
  return usage_message([&] { regions_of(source, "s.cc"); });
}

std::string body_of(const std::string& source, const Region& region) {
  return source.substr(region.begin, region.end - region.begin);
}

}  // namespace

TEST_CASE("regions: numbers, promises and bodies of whole lines") {
  const std::vector<Region> regions = regions_of(kTwo, "s.cc");
  REQUIRE(regions.size() == 2);
  CHECK(regions[0].number == 1);
  CHECK(regions[0].promise == "f is one (about 1 line)");
  CHECK(body_of(kTwo, regions[0]) == "  return 1;\n");
  CHECK(regions[1].promise == "g is two");
  CHECK(body_of(kTwo, regions[1]) == "  int x = 1;\n  return x + 1;\n");
}

TEST_CASE("regions: a last line without its end, an empty body") {
  const std::string source = "// >>> region 1: nothing\n// <<< region 1";
  const std::vector<Region> regions = regions_of(source, "s.cc");
  REQUIRE(regions.size() == 1);
  CHECK(body_of(source, regions[0]).empty());
}

TEST_CASE("regions: markers that are nested, open, missing or out of order name the line") {
  const std::string open1 = "// >>> region 1: a\n", close1 = "// <<< region 1\n";
  const std::string open2 = "// >>> region 2: b\n", close2 = "// <<< region 2\n";
  CHECK(lacks(message_of(open1 + open2 + close2 + close1),
              {"s.cc:2", ">>> region 2", "where region 1 ends"}) == "");
  CHECK(lacks(message_of(open1 + "x\n"), {"s.cc", "region 1 is not closed"}) == "");
  CHECK(lacks(message_of(open1 + close1 + open2), {"region 2 is not closed"}) == "");
  CHECK(lacks(message_of(close1), {"s.cc:1", "<<< region 1", "region 1 may begin"}) == "");
  CHECK(lacks(message_of(open2 + close2), {"s.cc:1", ">>> region 2", "region 1 may begin"}) == "");
  CHECK(lacks(message_of(open1 + close2), {"s.cc:2", "<<< region 2", "region 1 ends"}) == "");
  CHECK(lacks(message_of(open1 + close1 + open1 + close1), {"s.cc:3", "region 2 may begin"}) == "");
  CHECK(lacks(message_of("// >>> region one: a\n"), {"s.cc:1", "region one"}) == "");
  CHECK(lacks(message_of("int x;\n"), {"s.cc", "has no region"}) == "");
  CHECK(lacks(message_of(""), {"s.cc", "has no region"}) == "");
}

TEST_CASE("regions: other bodies leave everything else as it is") {
  CHECK(with_bodies(kTwo, "s.cc", {}) == kTwo);
  const std::string other = with_bodies(kTwo, "s.cc", {{2, "  return 3;\n"}});
  CHECK(lacks(other, {"  return 1;\n", "  // >>> region 2: g is two\n  return 3;\n  // <<<"}) ==
        "");
  CHECK(other.find("int x") == std::string::npos);
}

TEST_CASE("regions: a stub says which region is not written, or holds its planted bug") {
  const std::string stub = stub_of(kTwo, "s.cc", {{2, "  return 4;\n"}});
  CHECK(lacks(stub, {"(about 1 line)\n  not_written(1);\n  // <<< region 1\n",
                     "g is two\n  return 4;\n  // <<< region 2\n"}) == "");
  CHECK(stub.find("not_written(2)") == std::string::npos);
}

TEST_CASE("regions: known answers share a source, a namespace and an entry each") {
  const std::string wrong = with_bodies(kTwo, "s.cc", {{1, "  return 9;\n"}});
  const std::string all = known_source(kTwo, {{"RS-STEP.2", wrong}});
  CHECK(known_entry("RS-STEP.2") == "shardpipe_known_RS_STEP_2");
  CHECK(lacks(all, {"namespace shardpipe::known_solution {", "void shardpipe_known_solution()",
                    "namespace shardpipe::known_RS_STEP_2 {", "void shardpipe_known_RS_STEP_2()",
                    "  return 1;\n", "  return 9;\n"}) == "");
  CHECK(all.find("shardpipe_answer") == std::string::npos);
  const std::size_t include = all.find("#include \"a.h\"\n");
  CHECK(include != std::string::npos);
  CHECK(all.find("#include", include + 1) == std::string::npos);
}

}  // namespace shardpipe
