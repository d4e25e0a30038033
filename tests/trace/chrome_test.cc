#include "core/trace/chrome_json.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "core/base/error.h"
#include "core/trace/read.h"
#include "tests/support/catch.h"
#include "tests/trace/chrome_lint.h"
#include "tests/trace/files.h"
#include "tests/trace/made_up.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json document_of(const Trace& trace, const std::string& file) {
  write_chrome_json(trace, file);
  return json::parse(bytes_of(file));
}

std::string read_refusal(const std::string& file, const std::string& bytes) {
  write(file, bytes);
  const std::string message = refusal([&] { read_trace({file}); });
  CHECK(message.rfind(file + ": ", 0) == 0);
  return message;
}

}  // namespace

TEST_CASE("a trace is read back as it was written, in every field") {
  const Folder folder("files");
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    INFO("seed " << seed);
    const Trace trace = random_trace(seed);
    write_chrome_json(trace, folder / "t.json");
    CHECK(equal(read_trace({folder / "t.json"}).trace, trace));
  }
  const Trace step = mlp_trace(true);
  write_chrome_json(step, folder / "t.json");
  CHECK(equal(read_trace({folder / "t.json"}).trace, step));
}

TEST_CASE("times keep their nanoseconds up to days") {
  const Folder folder("files");
  Trace trace{.wall_ns = 4'000'000'000'000'123, .names = {"x"}, .lanes = {{0, 0, ""}}};
  trace.spans = {{.posted_ns = 3'999'999'999'999'001,
                  .ready_ns = 3'999'999'999'999'001,
                  .end_ns = 4'000'000'000'000'122}};
  write_chrome_json(trace, folder / "t.json");
  CHECK(contains(bytes_of(folder / "t.json"), "\"ts\":3999999999999.001,\"dur\":1.121"));
  CHECK(equal(read_trace({folder / "t.json"}).trace, trace));
}

TEST_CASE("files keep the rules of Perfetto") {
  const Folder folder("files");
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    INFO("seed " << seed);
    const LintReport report = lint_chrome(document_of(random_trace(seed), folder / "t.json"));
    CHECK(report.errors == std::vector<std::string>{});
  }
  const LintReport naive = lint_chrome(document_of(mlp_trace(true), folder / "t.json"));
  CHECK(naive.errors == std::vector<std::string>{});
  // In each of 12 collectives three ranks waited for rank 3: a slice and an arrow for each.
  const Trace trace = mlp_trace(true);
  const auto num_waits = std::count_if(trace.spans.begin(), trace.spans.end(),
                                       [](const Span& s) { return s.ready_ns > s.posted_ns; });
  CHECK(num_waits == 12 * 3);
  CHECK(naive.slices == static_cast<int>(trace.spans.size()) + num_waits);
  CHECK(naive.flows == num_waits);
}

TEST_CASE("the replay of the rules sees what breaks them") {
  const auto errors = [](const std::string& events) {
    return lint_chrome(json::parse("{\"traceEvents\":[" + events + "]}")).errors.size();
  };
  const std::string slice = R"({"ph":"X","cat":"c","name":"a","pid":1,"tid":101,"ts":1,"dur":2})";
  const std::string start = R"({"ph":"s","cat":"c","name":"a","id":1,"pid":1,"tid":101,"ts":1})";
  const std::string end =
      R"({"ph":"f","bp":"e","cat":"c","name":"a","id":1,"pid":1,"tid":101,"ts":2})";
  CHECK(errors(slice + "," + start + "," + end) == 0);
  CHECK(errors(start + "," + slice + "," + end) > 0);
  CHECK(errors(slice + "," + start) > 0);
  CHECK(errors(slice + "," + end) > 0);
  CHECK(errors(R"({"ph":"X","name":"a","pid":1,"tid":0,"ts":1,"dur":2})") > 0);
  CHECK(errors(slice + R"(,{"ph":"X","name":"b","pid":1,"tid":101,"ts":2,"dur":2})") > 0);
  CHECK(errors(slice + R"(,{"ph":"X","name":"b","pid":2,"tid":101,"ts":9,"dur":2})") > 0);
}

TEST_CASE("collectives carry Kineto's arguments, and waiting is a slice of its own") {
  const Folder folder("files");
  const json document = document_of(mlp_trace(true), folder / "t.json");
  CHECK(document.at("displayTimeUnit") == "ns");
  CHECK(document.at("metadata").at("clock") == "modelled");
  const auto& events = document.at("traceEvents");
  const auto reduce = std::find_if(events.begin(), events.end(), [](const json& event) {
    return event.value("cat", "") == "comm,all_reduce" && event.at("pid") == 2;
  });
  REQUIRE(reduce != events.end());
  CHECK(reduce->at("tid") == 202);
  const json& args = reduce->at("args");
  CHECK(args.at("Collective name") == "all_reduce");
  CHECK(args.at("Group size") == 4);
  CHECK(args.at("Process Group Description") == "tp");
  CHECK(args.at("Process Group Ranks") == "[0,1,2,3]");
  CHECK(args.at("Seq") == 1);
  CHECK(args.at("waits_for") == 3);
  CHECK(args.at("phase") == "forward");
  const json& wait = *(reduce - 1);
  CHECK(wait.at("cat") == "wait");
  CHECK(wait.at("name") == "wait for rank 3");
  const double wait_end_us = wait.at("ts").get<double>() + wait.at("dur").get<double>();
  CHECK(std::llround(1000 * wait_end_us) == std::llround(1000 * reduce->at("ts").get<double>()));
}

TEST_CASE("what cannot be written leaves nothing behind and keeps the old file") {
  const Folder folder("files");
  const Trace trace = random_trace(1);
  CHECK(contains(refusal([&] { write_chrome_json(trace, folder / "no/such/t.json"); }),
                 "t.json: cannot be written: "));
  fs::create_directory(folder / "taken");
  CHECK(contains(refusal([&] { write_chrome_json(trace, folder / "taken"); }),
                 "taken: cannot be written: "));
  CHECK(std::distance(fs::directory_iterator(folder / ""), fs::directory_iterator()) == 1);
  CHECK(
      contains(refusal([&] { write_chrome_json(trace, "/dev/full"); }), "No space left on device"));
}

TEST_CASE("what is no trace of ours is refused with one line") {
  const Folder folder("files");
  const std::string file = folder / "t.json";
  CHECK(contains(refusal([&] { read_trace({file}); }), file + ": cannot be read: "));
  CHECK(contains(refusal([&] { read_trace({folder / ""}); }), ": is a folder, not a trace file"));
  CHECK(contains(read_refusal(file, ""), "not JSON"));
  CHECK(contains(read_refusal(file, "{\"traceEvents\":[{]}"), "not JSON"));
  CHECK(contains(read_refusal(file, "{\"traceEvents\":[{]}"), "not JSON at byte 17"));
  CHECK(contains(read_refusal(file, "[]"), "no event with a length"));
  CHECK(contains(read_refusal(file, "{\"a\":1}"), "no \"traceEvents\""));
  CHECK(contains(read_refusal(file, "{\"traceEvents\":[]}"), "no event with a length"));

  write_chrome_json(mlp_trace(true), file);
  const std::string good = bytes_of(file);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    const std::size_t at = bytes.find(from);
    REQUIRE(at != std::string::npos);
    return read_refusal(file, bytes.replace(at, from.size(), to));
  };
  CHECK(contains(changed("\"wall_ns\"", "\"wall\""), "wall_ns"));
  CHECK(contains(changed("\"wall_ns\":", "\"wall_ns\":-"), "wall_ns"));
  CHECK(
      contains(changed("\"rank\":1,\"stream\":1", "\"rank\":-1,\"stream\":1"), "lane of rank -1"));
  CHECK(
      contains(changed("\"ts\":0.000", "\"ts\":\"0\""), "): ts must be a number of microseconds"));
  CHECK(contains(changed("\"dur\":20.000", "\"dur\":-1"), "must not be negative"));
  CHECK(contains(changed("\"dur\":20.000", "\"d\":20.000"), "dur"));
  CHECK(contains(changed("comm,all_gather", "comm,all_sing"), "unknown category"));
  CHECK(contains(changed("\"phase\":\"forward\"", "\"phase\":\"fast\""), "unknown phase"));
  CHECK(contains(changed("\"Process Group Name\":\"1\"", "\"Process Group Name\":\"7\""),
                 "process group 7"));
  CHECK(contains(changed("\"Process Group Name\":\"1\"", "\"Process Group Name\":\"x\""),
                 "process group x"));
  CHECK(contains(changed("\"tid\":101,\"ts\"", "\"tid\":999,\"ts\""), "tid 999"));
  CHECK(contains(changed("\"name\":\"mlp.up\"", "\"name\":\"mlp.in\""), "mlp.in"));
  CHECK(contains(read_refusal(file, good.substr(0, good.size() / 2)), "not JSON"));
}

TEST_CASE("gzip is read, or refused with one line where there is no zlib") {
  const Folder folder("files");
  // printf '{"traceEvents":[]}' | gzip -n9
  const unsigned char gzip[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                                0xab, 0x56, 0x2a, 0x29, 0x4a, 0x4c, 0x4e, 0x75, 0x2d, 0x4b,
                                0xcd, 0x2b, 0x29, 0x56, 0xb2, 0x8a, 0x8e, 0xad, 0x05, 0x00,
                                0x0d, 0xeb, 0x3f, 0x61, 0x12, 0x00, 0x00, 0x00};
  const std::string bytes(reinterpret_cast<const char*>(gzip), sizeof gzip);
  const std::string message = read_refusal(folder / "t.json.gz", bytes);
  CHECK((contains(message, "no event with a length") || contains(message, "no zlib")));
  const std::string cut = read_refusal(folder / "t.json.gz", bytes.substr(0, bytes.size() - 6));
  CHECK((contains(cut, "cannot be read: ") || contains(cut, "no zlib")));
}

}  // namespace shardpipe
