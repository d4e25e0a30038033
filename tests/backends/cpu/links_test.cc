// Links that are slower than the machine: an operation between ranks ends no earlier than its model
// says, and the wait uses no core. A lower bound on time can be tested: it holds on any machine.
#include "core/launch/launch.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

// So much for every byte, whatever the operation.
class Slow : public CostModel {
 public:
  explicit Slow(std::int64_t ns_per_byte) : ns_per_byte_(ns_per_byte) {}
  std::int64_t duration_ns(const OpInfo& op) const override {
    if (op.kind == OpKind::compute) return 1'000'000'000;  // not asked: compute is as it is
    return ns_per_byte_ * op.bytes + (op.kind == OpKind::barrier ? 1000 : 0);
  }

 private:
  std::int64_t ns_per_byte_;
};

// The least time that an operation of this kind took, from its last participant to its end.
std::int64_t shortest_ns(const RunReport& report, OpKind kind) {
  std::int64_t least_ns = -1;
  for (const Span& span : report.trace.spans)
    if (span.kind == kind && (least_ns < 0 || span.busy_ns() < least_ns)) least_ns = span.busy_ns();
  return least_ns;
}

constexpr std::int64_t kBytes = 1 << 16, kNsPerByte = 100;

}  // namespace

TEST_CASE("a collective ends no earlier than its link allows, after its last rank came") {
  const Slow links(kNsPerByte);
  const RunReport report = run_on_cpu({.grid = {.tp = 2}, .links = &links}, [](RankContext& ctx) {
    Tensor x(ctx.device, {kBytes / 4});
    ctx.math.fill(x, static_cast<float>(ctx.rank + 1), ctx.compute);
    ctx.tp.all_reduce(x, ctx.compute);
    for (const float v : ctx.math.to_host(x, ctx.compute))
      if (v != 3) fail("a slow link must not change the sum");
  });
  CHECK(shortest_ns(report, OpKind::all_reduce) >= kBytes * kNsPerByte);
}

TEST_CASE("a message takes its time on both sides") {
  const Slow links(kNsPerByte);
  const RunReport report = run_on_cpu({.grid = {.tp = 2}, .links = &links}, [](RankContext& ctx) {
    Tensor mine(ctx.device, {kBytes / 4}), other(ctx.device, {kBytes / 4});
    ctx.math.fill(mine, static_cast<float>(ctx.rank), ctx.compute);
    ctx.tp.exchange({{Direction::send, 1 - ctx.rank, mine}, {Direction::recv, 1 - ctx.rank, other}},
                    ctx.compute);
    if (ctx.math.to_host(other, ctx.compute)[0] != static_cast<float>(1 - ctx.rank))
      fail("a slow link must not change the message");
  });
  CHECK(shortest_ns(report, OpKind::exchange) >= kBytes * kNsPerByte);
}

TEST_CASE("a stream whose message is under way leaves the other stream to compute") {
  // The sum is on its link for 2 s unless the run ends; compute goes on and ends the run.
  const Slow links(2'000'000'000 / 64);
  try {
    run_on_cpu({.grid = {.tp = 2}, .links = &links}, [](RankContext& ctx) {
      Tensor x(ctx.device, {16}), y(ctx.device, {16});
      ctx.math.fill(x, 1, ctx.compute);
      ctx.comm.wait(ctx.compute.record());
      ctx.tp.all_reduce(x, ctx.comm);
      ctx.math.fill(y, 2, ctx.compute);
      if (ctx.math.to_host(y, ctx.compute)[0] == 2 && ctx.rank == 0) fail("computed meanwhile");
    });
    CHECK(false);
  } catch (const Error& e) {
    CHECK(std::string(e.what()).find("computed meanwhile") != std::string::npos);
  }
}

TEST_CASE("a link slower than the time limit is no hang") {
  const Slow links(400'000'000 / 64);
  CHECK_NOTHROW(
      run_on_cpu({.grid = {.tp = 2}, .time_limit_s = 0.1, .links = &links}, [](RankContext& ctx) {
        Tensor x(ctx.device, {16});
        ctx.math.fill(x, 1, ctx.compute);
        ctx.tp.all_reduce(x, ctx.compute);
      }));
}

}  // namespace shardpipe
