#include "core/trace/shown_trace.h"

#include <nlohmann/json.hpp>

#include "core/base/printable.h"
#include "core/trace/binary.h"
#include "core/trace/chrome_json.h"
#include "core/trace/longest_gaps.h"
#include "core/trace/stats.h"
#include "core/trace/terminal_timeline.h"
#include "core/trace/what_if.h"
#include "tests/trace/files.h"
#include "tests/trace/made_up.h"

namespace shardpipe {
namespace {

const std::string kEvil = "\nrank 9\x1b[2J\a\u009b\u202e\u200b";

// All its names hold what must not reach a terminal.
Trace evil_trace(const std::string& evil = kEvil) {
  Trace trace = random_trace(3);
  trace.hardware = "8x" + evil;
  trace.clock += evil;
  for (std::string& name : trace.names) name += evil;
  for (std::string& shape : trace.shapes) shape += evil;
  for (Group& group : trace.groups) group.axis += evil;
  for (Lane& lane : trace.lanes) lane.name += evil;
  return trace;
}

}  // namespace

TEST_CASE("of a trace that is shown every name is printable, and adds no line") {
  Trace trace = evil_trace(kEvil + "\xff\x9b");
  make_printable(trace);
  for (const std::string& words :
       {to_text(statistics(trace), trace), to_text(explain_gaps(trace, 9), trace),
        to_text(what_if_free(trace), trace), draw_timeline(trace, {}),
        draw_pair("a" + kEvil, trace, "b" + kEvil, trace, {})}) {
    CHECK(printable_lines(words) == words);
    CHECK_FALSE(contains(words, "\nrank 9"));
    CHECK(contains(words, "\\x1b[2J"));
  }
}

TEST_CASE("a file of a trace keeps its names, and is JSON whatever they are") {
  const Folder folder("shown");
  const Trace trace = evil_trace();
  write_binary(trace, folder / "t.sptrace");
  CHECK(equal(read_trace({folder / "t.sptrace"}).trace, trace));
  Trace shown = trace;
  make_printable(shown);
  CHECK(equal(read_to_show({folder / "t.sptrace"}).trace, shown));
  write_chrome_json(evil_trace(kEvil + "\xff\x9b"), folder / "t.json");
  CHECK(nlohmann::json::accept(bytes_of(folder / "t.json")));
}

}  // namespace shardpipe
