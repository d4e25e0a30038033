#include "core/trace/recorder.h"

#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

SpanRecord collective(const Group& group, std::int64_t sequence, std::int64_t posted_ns,
                      std::int64_t end_ns) {
  return {.name = "reduce",
          .group = &group,
          .kind = OpKind::all_reduce,
          .sequence = sequence,
          .posted_ns = posted_ns,
          .ready_ns = -1,
          .end_ns = end_ns};
}

}  // namespace

TEST_CASE("logs are made by several threads while somebody looks at what there is") {
  Recorder recorder;
  constexpr int kStreams = 50;
  const auto make = [&](int rank) {
    for (int stream = 0; stream < kStreams; ++stream) recorder.make_log(rank, stream, "s");
  };
  std::thread other([&] { make(1); });
  std::thread looks([&] {
    while (recorder.finish(0, 1, {}).lanes.size() < 2 * kStreams) std::this_thread::yield();
  });
  make(0);
  other.join();
  looks.join();
  CHECK(recorder.finish(0, 1, {}).lanes.size() == 2 * kStreams);
}

TEST_CASE("streams of several threads write their own logs; every span arrives in order") {
  constexpr int kRanks = 3, kSpans = 10001;  // more than two blocks, not a whole number of them
  Recorder recorder;
  std::vector<StreamLog*> logs;
  for (int rank = kRanks - 1; rank >= 0; --rank)  // made in any order, kept by rank
    logs.insert(logs.begin(), &recorder.make_log(rank, 0, "compute"));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < kRanks; ++rank)
    threads.emplace_back([log = logs[static_cast<std::size_t>(rank)], rank] {
      for (int i = 0; i < kSpans; ++i)
        log->add({.name = rank == 1 ? "one" : "other",
                  .bytes = 7 * i + rank,
                  .posted_ns = 10 * i,
                  .ready_ns = 10 * i,
                  .end_ns = 10 * i + 9});
    });
  for (std::thread& thread : threads) thread.join();

  const Trace trace = recorder.finish(0, 10 * kSpans);
  CHECK(trace.wall_ns == 10 * kSpans);
  CHECK(trace.ranks() == kRanks);
  CHECK(trace.names == std::vector<std::string>{"other", "one"});
  REQUIRE(trace.spans.size() == kRanks * kSpans);
  bool is_right = true;
  for (std::size_t n = 0; n < trace.spans.size(); ++n) {
    const int rank = static_cast<int>(n) / kSpans, i = static_cast<int>(n) % kSpans;
    const Span& span = trace.spans[n];
    is_right = is_right && span.lane == rank && span.name == (rank == 1 ? 1 : 0) &&
               span.bytes == 7 * i + rank && span.posted_ns == 10 * i;
  }
  CHECK(is_right);
}

TEST_CASE("the rank that came last to a collective makes it ready for all") {
  const Group tp{.id = 4, .axis = "tp", .ranks = {0, 1, 2}};
  const Group other{.id = 5, .axis = "dp", .ranks = {0, 1, 2}};
  Recorder recorder;
  std::vector<StreamLog*> logs;
  for (int rank = 0; rank < 3; ++rank) logs.push_back(&recorder.make_log(rank, 1, "comm"));
  const std::int64_t posted[2][3] = {{100, 130, 110}, {220, 200, 220}};  // ranks 0 and 2 tie
  for (std::size_t rank = 0; rank < 3; ++rank) {
    logs[rank]->add(collective(tp, 0, posted[0][rank], 150));
    logs[rank]->add(collective(other, 0, 160 + static_cast<std::int64_t>(rank), 180));
    logs[rank]->add(collective(tp, 1, posted[1][rank], 250));
  }
  const Trace trace = recorder.finish(0, 300);
  REQUIRE(trace.spans.size() == 9);
  REQUIRE(trace.groups.size() == 2);
  CHECK(trace.groups[0].id == 4);
  const std::int64_t ready[] = {130, 162, 220};
  const int waits_for[3][3] = {{1, 2, -1}, {-1, 2, 0}, {1, -1, 0}};  // [rank][span]
  for (std::size_t rank = 0; rank < 3; ++rank)
    for (std::size_t i = 0; i < 3; ++i) {
      INFO("rank " << rank << " span " << i);
      CHECK(trace.spans[3 * rank + i].ready_ns == ready[i]);
      CHECK(trace.spans[3 * rank + i].waits_for == waits_for[rank][i]);
    }
}

TEST_CASE("ready_ns that a backend gave stays, and an exchange without one never waited") {
  const Group pp{.id = 2, .axis = "pp", .ranks = {2, 0, 1}};
  Recorder recorder;
  StreamLog& log = recorder.make_log(2, 1, "comm");
  StreamLog& peer = recorder.make_log(0, 1, "comm");
  SpanRecord exchange = collective(pp, -1, 10, 40);
  exchange.kind = OpKind::exchange;
  exchange.ready_ns = 30;
  exchange.waits_for = 0;
  log.add(exchange);
  exchange.posted_ns = 50;
  exchange.ready_ns = -1;
  exchange.end_ns = 60;
  exchange.waits_for = -1;
  log.add(exchange);
  SpanRecord given = collective(pp, 0, 70, 90);
  given.ready_ns = 75;
  log.add(given);
  peer.add(collective(pp, 0, 80, 90));
  const Trace trace = recorder.finish(0, 100);
  REQUIRE(trace.spans.size() == 4);
  CHECK(trace.spans[1].ready_ns == 30);
  CHECK(trace.spans[1].waits_for == 0);
  CHECK(trace.spans[2].ready_ns == 50);
  CHECK(trace.spans[3].ready_ns == 75);
  CHECK(trace.spans[0].ready_ns == 80);  // rank 0 came last itself
  CHECK(trace.spans[0].waits_for == -1);
}

TEST_CASE("a rank that ended before the last one came only waited") {
  const Group tp{.id = 1, .axis = "tp", .ranks = {0, 1, 2}};
  Recorder recorder;
  for (int rank = 0; rank < 3; ++rank)
    recorder.make_log(rank, 0, "compute").add(collective(tp, 0, 10 * rank, rank == 0 ? 15 : 30));
  const Trace trace = recorder.finish(0, 100);
  CHECK(trace.spans[0].ready_ns == 15);
  CHECK(trace.spans[0].busy_ns() == 0);
  CHECK(trace.spans[1].ready_ns == 20);
}

TEST_CASE("the window keeps spans that begin inside it, whole, and begins at 0") {
  const Group tp{.id = 1, .axis = "tp", .ranks = {0, 1, 2}};
  Recorder recorder;
  for (int rank = 0; rank < 3; ++rank) {
    StreamLog& log = recorder.make_log(rank, 0, "compute");
    const auto compute = [&](std::int64_t begin_ns, std::int64_t end_ns) {
      log.add({.posted_ns = begin_ns, .ready_ns = begin_ns, .end_ns = end_ns});
    };
    compute(80, 99);
    if (rank == 0) log.add(collective(tp, 0, 99, 120));  // before the window, yet it counts
    if (rank != 0) log.add(collective(tp, 0, 99 + rank, 120));
    compute(150, 250);
    compute(200, 210);
  }
  const Trace trace = recorder.finish(100, 200);
  CHECK(trace.wall_ns == 100);
  REQUIRE(trace.spans.size() == 5);  // rank 0: one; ranks 1, 2: two
  CHECK(trace.spans[0].posted_ns == 50);
  CHECK(trace.spans[0].end_ns == 150);  // not clipped
  CHECK(trace.spans[1].posted_ns == 0);
  CHECK(trace.spans[1].ready_ns == 1);
  CHECK(trace.spans[1].waits_for == 2);
  CHECK(trace.spans[3].waits_for == -1);
}

TEST_CASE("a log that is being written can be read: each reading begins with the one before") {
  constexpr int kSpans = 20000;  // some blocks
  Recorder recorder;
  StreamLog& log = recorder.make_log(0, 0, "compute");
  std::thread writer([&log] {
    for (int i = 0; i < kSpans; ++i)
      log.add({.bytes = 3 * i, .posted_ns = i, .ready_ns = i, .end_ns = i + 1});
  });
  std::size_t last = 0;
  bool is_right = true;
  while (last < kSpans) {
    const std::vector<const SpanRecord*> records = log.records();
    is_right = is_right && records.size() >= last;
    for (std::size_t i = last; i < records.size(); ++i)
      is_right = is_right && records[i]->bytes == static_cast<std::int64_t>(3 * i);
    last = records.size();
  }
  writer.join();
  CHECK(is_right);
  CHECK(recorder.finish(0, kSpans).spans.size() == kSpans);
}

TEST_CASE("equal shapes are one entry of the table; an operation without one says none") {
  Recorder recorder;
  StreamLog& log = recorder.make_log(0, 0, "compute");
  const Dims product{.sizes = {4, 6}, .count = 2, .inner = 5}, plain{.sizes = {4, 6}, .count = 2};
  for (const Dims& dims : {product, plain, Dims{}, product})
    log.add({.dims = dims, .posted_ns = 1, .ready_ns = 1, .end_ns = 2});
  const Trace trace = recorder.finish(0, 10);
  CHECK(trace.shapes == std::vector<std::string>{"[4, 5] x [5, 6]", "[4, 6]"});
  std::vector<std::int32_t> shapes;
  for (const Span& span : trace.spans) shapes.push_back(span.shape);
  CHECK(shapes == std::vector<std::int32_t>{0, 1, -1, 0});
}

TEST_CASE("a stream number is used once a rank, and a window does not end before it begins") {
  Recorder recorder;
  recorder.make_log(0, 1, "comm");
  CHECK_NOTHROW(recorder.make_log(1, 1, "comm"));
  CHECK_THROWS_AS(recorder.make_log(0, 1, "again"), Error);
  CHECK_THROWS_AS(recorder.finish(5, 4), Error);
  CHECK(recorder.finish(5, 5).spans.empty());
}

}  // namespace shardpipe
