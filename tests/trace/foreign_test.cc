// Traces of other programs, made up here in the shapes that they write.
#include <string>

#include "core/trace/read.h"
#include "core/trace/stats.h"
#include "tests/support/catch.h"
#include "tests/trace/files.h"

namespace shardpipe {
namespace {

// One event; `rest` begins with a comma or is empty.
std::string slice(const std::string& category, const std::string& name, const std::string& track,
                  const std::string& ts, const std::string& dur, const std::string& rest = "") {
  return R"({"ph":"X","cat":")" + category + R"(","name":")" + name + "\"," + track +
         ",\"ts\":" + ts + ",\"dur\":" + dur + rest + "}";
}

// A step of PyTorch on `rank`: an operator, a kernel [100, 200] us, an all-reduce from `posted` to
// 300 us with half of it over a second kernel, a copy on the kernels' stream. Its clock shows
// `clock_us` more.
std::string pytorch(int rank, double clock_us, double posted) {
  const std::string group =
      R"(,"args":{"Collective name":"allreduce","In msg nelems":1024,"dtype":"BFloat16",)"
      R"("Process Group Name":"0","Process Group Description":"tp",)"
      R"("Process Group Ranks":"[0, 1]"})";
  const auto at = [&](double us) { return std::to_string(us + clock_us); };
  const std::string gpu = "\"pid\":0,\"tid\":", kernels = gpu + "7", comm = gpu + "20";
  std::string events;
  for (int step = 0; step < 9; ++step) {
    const double t = 1000.0 * step + (rank == 1 ? (step % 3) * 0.5 : 0);  // spread of ends
    events +=
        slice("cpu_op", "aten::mm", R"("pid":4711,"tid":4711)", at(t + 20), "50") + "," +
        slice("cuda_runtime", "cudaLaunchKernel", R"("pid":4711,"tid":4711)", at(t + 60), "5") +
        "," + slice("kernel", "sm90_gemm", kernels, at(t + 100), "100.5") + "," +
        slice("kernel", "sm90_gemm", kernels, at(t + 250), "100") + "," +
        slice("gpu_memcpy", "Memcpy DtoD", kernels, at(t + 400), "10") + "," +
        slice("kernel", "ncclDevKernel_AllReduce_Sum_bf16_RING_LL", comm, at(t + posted),
              std::to_string(300 - posted), group) +
        ",";
  }
  return R"({"schemaVersion":1,"baseTimeNanoseconds":1700000000000000000,)"
         R"("distributedInfo":{"backend":"nccl","rank":)" +
         std::to_string(rank) + R"(,"world_size":2},"traceEvents":[)" + events +
         R"({"ph":"s","id":1,"pid":0,"tid":7,"ts":1,"cat":"ac2g","name":"ac2g"},)"
         R"({"ph":"M","name":"thread_name","pid":0,"tid":7,"args":{"name":"stream 7"}},)"
         R"({"ph":"i","name":"Iteration","pid":"Traces","tid":"Trace","ts":5,"s":"g"}],)"
         R"("traceName":"x"})";
}

Trace read_text(const Folder& folder, const std::string& json) {
  write(folder / "f.json", json);
  return read_trace({folder / "f.json"}).trace;
}

}  // namespace

TEST_CASE("a trace of PyTorch: streams as lanes, kernels by what they are") {
  const Folder folder("kineto");
  write(folder / "r.json", pytorch(1, 0, 200));
  const ReadTrace read = read_trace({folder / "r.json"});
  const Trace& trace = read.trace;
  REQUIRE(trace.lanes.size() == 5);
  const char* names[] = {"stream 7", "comm stream 20", "copy stream 7", "host thread 4711",
                         "host 4711"};
  const LaneKind kinds[] = {LaneKind::compute, LaneKind::comm, LaneKind::copy, LaneKind::host,
                            LaneKind::host};
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(trace.lanes[i].name == names[i]);
    CHECK(kind_of(trace.lanes[i]) == kinds[i]);
  }
  CHECK(trace.spans.size() == 9 * 6);
  CHECK(trace.spans[0].posted_ns == 80'000);  // the operator begins first, 80 us before
  CHECK(trace.spans[0].end_ns == 180'500);
  REQUIRE(trace.groups.size() == 1);
  CHECK(trace.groups[0].axis == "tp");
  const TraceStats stats = statistics(trace);
  REQUIRE(stats.collectives.size() == 1);
  CHECK(stats.collectives[0].kind == OpKind::all_reduce);
  CHECK(stats.collectives[0].calls == 9);
  CHECK(stats.collectives[0].bytes == 9 * 2048);
  // Of each all-reduce [200, 300] the kernel until 200.5 and that from 250 cover 50.5 us.
  CHECK(stats.ranks[0].compute_ns == 9 * 200'500);
  CHECK(stats.ranks[0].overlapped_comm_ns == 9 * 50'500);
  CHECK(stats.ranks[0].exposed_comm_ns == 9 * 49'500);
  for (const PathStep& step : stats.critical_path)
    CHECK(kind_of(trace.lanes[static_cast<std::size_t>(
              trace.spans[static_cast<std::size_t>(step.span)].lane)]) != LaneKind::host);
  REQUIRE(read.warnings.size() == 2);
  CHECK(contains(read.warnings[1], "rank 1 is shown as rank 0"));
  CHECK(contains(read.warnings[0], "2 counters, instants and arrows"));
}

TEST_CASE(
    "clocks of ranks are joined by the ends of their collectives, in any order of the files") {
  const Folder folder("ranks");
  // Rank 1's clock is 5 s ahead; it comes to each all-reduce 60 us after rank 0.
  write(folder / "0.json", pytorch(0, 0, 200));
  write(folder / "1.json", pytorch(1, 5e6, 260));
  const ReadTrace read = read_trace({folder / "1.json", folder / "0.json"});
  const Trace& trace = read.trace;
  CHECK(trace.ranks() == 2);
  CHECK(trace.groups.size() == 1);
  CHECK(trace.clock_error_ns == 500);  // ends differ by 0, 0.5 and 1 us: half a us from the median
  REQUIRE_FALSE(read.warnings.empty());
  CHECK(contains(read.warnings.back(), "clocks of 2 ranks are joined by 9 collectives"));
  int waits = 0;
  for (const Span& span : trace.spans) {
    if (!is_communication(span.kind)) continue;
    const int rank = trace.lanes[static_cast<std::size_t>(span.lane)].rank;
    if (rank == 1) {
      CHECK(span.ready_ns == span.posted_ns);
      CHECK(span.waits_for == -1);
      continue;
    }
    ++waits;
    CHECK(span.waits_for == 1);
    CHECK(std::abs(span.ready_ns - span.posted_ns - 60'000) <= trace.clock_error_ns);
  }
  CHECK(waits == 9);
  CHECK(contains(refusal([&] {
                   read_trace({folder / "0.json", folder / "none.json"});
                 }),
                 "none.json: cannot be read"));
}

TEST_CASE("other Chrome traces: an array, begins and ends, ids that are words, overlaps") {
  const Folder folder("chrome");
  const Trace trace = read_text(folder, R"([
    {"ph":"B","name":"outer","pid":"a","tid":"main","ts":10.0005,"args":{"x":[{"name":"no"}]}},
    {"ph":"B","name":"inner","pid":"a","tid":"main","ts":11},
    {"ph":"E","pid":"a","tid":"main","ts":12.25},
    {"ph":"X","name":"other","pid":2,"tid":1,"ts":11.5,"dur":4e0},
    {"ph":"X","name":"overlaps","pid":2,"tid":1,"ts":12.5,"dur":4},
    {"ph":"C","name":"memory","pid":2,"ts":12.5,"args":{"bytes":4}},
    {"ph":"X","name":"nccl:all_reduce","pid":2,"tid":1,"ts":20,"dur":1},
    {"ph":"M","name":"process_name","pid":2,"args":{"name":"worker"}},
    {"ph":"E","pid":"a","tid":"main","ts":15},)");  // the format lets an array end like this
  CHECK(trace.ranks() == 2);
  REQUIRE(trace.lanes.size() == 3);
  CHECK(trace.lanes[0].name == "thread 1 of worker");
  CHECK(trace.lanes[1].name == "comm thread 1 of worker");
  CHECK(trace.lanes[2].name == "thread main of a");
  REQUIRE(trace.spans.size() == 5);
  CHECK(trace.wall_ns == 21'000 - 10'001);
  CHECK(trace.spans[0].posted_ns == 11'500 - 10'001);
  CHECK(trace.spans[1].posted_ns < trace.spans[0].end_ns);
  CHECK(trace.names[static_cast<std::size_t>(trace.spans[3].name)] == "outer");
  CHECK(trace.spans[3].end_ns == 15'000 - 10'001);
}

TEST_CASE("times of today keep their nanoseconds") {
  const Folder folder("today");
  const Trace trace = read_text(
      folder, "[" + slice("", "a", R"("pid":1,"tid":1)", "1763885443123456.789", "0.001") + "," +
                  slice("", "b", R"("pid":1,"tid":1)", "1763885443123456.791", "0.001") + "]");
  CHECK(trace.spans[1].posted_ns == 2);
  CHECK(trace.wall_ns == 3);
}

TEST_CASE("a file that breaks off: one sentence with the byte, or what is whole") {
  const Folder folder("broken");
  const std::string whole = pytorch(0, 0, 200), file = folder / "b.json";
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{400}}) {
    write(file, whole.substr(0, size));
    const std::string message = refusal([&] { read_trace({file}); });
    INFO(message);
    CHECK(contains(message, text(file, ": not JSON at byte ", size)));
    CHECK(contains(message, "--keep-whole"));
    const ReadTrace kept = read_trace({file}, {.keeps_whole = true});
    CHECK_FALSE(kept.trace.spans.empty());
    CHECK(contains(kept.warnings[0], text("not JSON at byte ", size)));
  }
  write(file, "{\"traceEvents\":[{\"ph\":\"X\",\"ts\":1e99,\"dur\":1}]}");
  CHECK(contains(refusal([&] { read_trace({file}); }), "event 0 (byte 44): ts must be a number"));
  const std::string right = slice("", "a", R"("pid":1,"tid":1)", "1", "1");
  write(file, "[" + right + "," + right + R"(,{"ph":"X","ts":1e99,"dur":1}])");
  CHECK(contains(refusal([&] { read_trace({file}); }), "event 2 (byte "));
  write(file, "[" + slice("", "a", R"("pid":1,"tid":1)", "1", "-1") + "]");
  CHECK(contains(refusal([&] { read_trace({file}); }), "dur must not be negative"));
  write(file, "[" + slice("", "a\xC3(", R"("pid":1,"tid":1)", "1", "1") + "]");
  CHECK(contains(refusal([&] { read_trace({file}); }), "Invalid encoding in string"));
  write(file, "[" + slice("", "\xC3\xA4", R"("pid":1,"tid":1)", "1", "1") + "]" + '\0' + "[]");
  CHECK(contains(refusal([&] { read_trace({file}); }), "not JSON at byte "));
  write(file, "\xEF\xBB\xBF[" + slice("", "\xC3\xA4", R"("pid":1,"tid":1)", "1", "1") + ",");
  CHECK(read_trace({file}).trace.names.at(0) == "\xC3\xA4");
  write(file, std::string(100'000, '['));
  CHECK(contains(refusal([&] { read_trace({file}); }), "not JSON at byte 100000"));
}

}  // namespace shardpipe
