#include "core/base/markup.h"

#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("text keeps its letters in SVG and HTML, and cannot end an element or an attribute") {
  CHECK(escaped("a<b>&\"c\"'\n") == "a&lt;b&gt;&amp;&quot;c&quot;&#39; ");
  CHECK(escaped("\xc3\xa9") == "\xc3\xa9");
}

TEST_CASE("what XML forbids, and what is no UTF-8, is shown") {
  CHECK(escaped(std::string_view("a\0\x1b\x7f\xff\xef\xbf\xbf", 8)) ==
        "a\\x00\\x1b\\x7f\\xff\\uffff");
  CHECK(escaped("\u202e]]>") == "\\u202e]]&gt;");
}

TEST_CASE("pixels have as many decimals as they need, at most two") {
  CHECK(pixels(3) == "3");
  CHECK(pixels(12.5) == "12.5");
  CHECK(pixels(1.0 / 3) == "0.33");
  CHECK(pixels(100) == "100");
  CHECK(pixels(-0.001) == "0");
  CHECK(pixels(-1.25) == "-1.25");
}

}  // namespace shardpipe
