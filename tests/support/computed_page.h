// Pages whose tables and pictures are computed. One stands between
//   <!-- computed: WORDS -->   and   <!-- end -->
// A test holds them against the code; with LAB_UPDATE_TABLES=1 in the environment it rewrites them.
#pragma once

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "core/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

namespace shardpipe {

// The page with everything computed anew; count: how many parts that were. open: another word than
// "computed", where a page has parts of several kinds.
inline std::string updated_page(const std::string& page,
                                const std::function<std::string(const std::string&)>& computed,
                                int& count, const std::string& open = "<!-- computed: ") {
  const std::string close = " -->\n", end = "<!-- end -->";
  std::string out;
  std::size_t at = 0;
  for (std::size_t begin; (begin = page.find(open, at)) != std::string::npos; ++count) {
    const std::size_t stop = page.find(close, begin), last = page.find(end, begin);
    REQUIRE(stop != std::string::npos);
    REQUIRE(last != std::string::npos);
    out += page.substr(at, stop + close.size() - at);
    out += computed(page.substr(begin + open.size(), stop - begin - open.size()));
    at = last;
  }
  return out + page.substr(at);
}

// Fails unless docs/<name> is as computed, in `parts` parts; or rewrites it. Returns the page.
inline std::string check_page(const std::string& name, int parts,
                              const std::function<std::string(const std::string&)>& computed) {
  const std::string file = in_source("docs/" + name);
  std::ifstream in(file);
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  int count = 0;
  const std::string fresh = updated_page(page, computed, count);
  CHECK(count == parts);
  if (std::getenv("LAB_UPDATE_TABLES") != nullptr) {
    std::ofstream(file) << fresh;
    return fresh;
  }
  INFO(name << ": the same test with LAB_UPDATE_TABLES=1 rewrites it");
  CHECK(fresh == page);
  return page;
}

}  // namespace shardpipe
