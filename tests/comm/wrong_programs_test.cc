// What tests/faults does not have: programs that are wrong on one stream and right on two or with
// buffered sends, and calls that are refused where they are made.
#include <functional>
#include <string>

#include "core/launch/launch.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

struct Outcome {
  ExitCode code = ExitCode::success;
  std::string sentence = {};
  bool says(const std::string& words) const { return sentence.find(words) != std::string::npos; }
};

Outcome run(int ranks, const RankProgram& program, bool buffered = false) {
  try {
    run_on_cpu({.grid = {.tp = ranks}, .time_limit_s = 60, .buffered_sends = buffered}, program);
    return {};
  } catch (const Error& e) {
    return {e.code(), e.what()};
  }
}

Tensor zeros(RankContext& ctx, Index size, DType dtype = DType::f32) {
  Tensor t(ctx.device, {size}, dtype);
  ctx.math.fill(t, 0, ctx.compute);
  return t;
}

}  // namespace

TEST_CASE("two ranks that first send and then receive wait for ever, unless sends are buffered") {
  auto program = [](RankContext& ctx) {
    Tensor out = zeros(ctx, 4), in = zeros(ctx, 4);
    ctx.tp.exchange({{Direction::send, 1 - ctx.rank, out}}, ctx.compute);
    ctx.tp.exchange({{Direction::recv, 1 - ctx.rank, in}}, ctx.compute);
  };
  const Outcome o = run(2, program);
  INFO(o.sentence);
  CHECK(o.code == ExitCode::deadlock);
  CHECK(run(2, program, /*buffered=*/true).code == ExitCode::success);
}

TEST_CASE("two operations of one communicator on two streams wait for each other's turn") {
  // Rank 0 submits a, b; rank 1 submits b, a (on the other stream): each lane is held by the other.
  const Outcome o = run(2, [](RankContext& ctx) {
    Tensor a = zeros(ctx, 4), b = zeros(ctx, 8);
    ctx.comm.wait(ctx.compute.record());  // both are filled
    if (ctx.rank == 0) {
      ctx.tp.all_reduce(a, ctx.compute);
      ctx.tp.all_reduce(b, ctx.comm);
    } else {
      ctx.tp.all_reduce(b, ctx.comm);
      ctx.tp.all_reduce(a, ctx.compute);
    }
  });
  CHECK(o.says("rank 0 is in all_reduce #0 of tp[0,1] (16 bytes f32)"));
  CHECK(o.says("rank 1 is in all_reduce #0 of tp[0,1] (32 bytes f32)"));
}

TEST_CASE("another stream does not help a recv past the send before it: one lane a communicator") {
  const Outcome o = run(2, [](RankContext& ctx) {
    Tensor mine = zeros(ctx, 4), theirs = zeros(ctx, 4);
    ctx.comm.wait(ctx.compute.record());
    ctx.tp.exchange({{Direction::send, 1 - ctx.rank, mine}}, ctx.compute);
    ctx.tp.exchange({{Direction::recv, 1 - ctx.rank, theirs}}, ctx.comm);  // after the send
  });
  CHECK(o.code == ExitCode::deadlock);
  CHECK(o.says("deadlock: "));
}

TEST_CASE("a wait says where in the training step it is") {
  const Outcome o = run(2, [](RankContext& ctx) {
    const Tensor x = zeros(ctx, 4);
    if (ctx.rank == 1) return;
    const Scope step = ctx.scope({.step = 7, .microbatch = 3, .phase = Phase::backward});
    const Scope layer = ctx.scope({.layer = 5});
    ctx.tp.all_reduce(x, ctx.compute);
  });
  INFO(o.sentence);
  CHECK(
      o.says("all_reduce #0 of tp[0,1] (16 bytes f32, step 7, backward, micro-batch 3, layer 5)"));
}

TEST_CASE("errors in the call itself are found where it is made") {
  CHECK(run(2, [](RankContext& ctx) {
          ctx.tp.exchange({{Direction::send, ctx.rank, zeros(ctx, 1)}}, ctx.compute);
        }).says("cannot talk to rank"));
  CHECK(run(2, [](RankContext& ctx) {
          ctx.tp.broadcast(zeros(ctx, 1), 2, ctx.compute);
        }).says("root 2"));
  CHECK(run(2, [](RankContext& ctx) {
          ctx.tp.all_gather(zeros(ctx, 3), zeros(ctx, 2), ctx.compute);
        }).says("2 ranks of [2] f32 do not make [3] f32"));
  CHECK(run(2, [](RankContext& ctx) {
          const Tensor x = zeros(ctx, 8);
          ctx.tp.all_reduce_coalesced({x.slice(0, 5), zeros(ctx, 1), x.slice(4, 4)}, ctx.compute);
        }).says("tensors 0 and 2 share 4 bytes of memory"));
  CHECK(run(2, [](RankContext& ctx) {
          ctx.tp.all_reduce_coalesced({zeros(ctx, 1), zeros(ctx, 1, DType::i32)}, ctx.compute);
        }).says("a tensor is i32, the first is f32"));
  CHECK(run(2, [](RankContext& ctx) {
          ctx.tp.subgroup({1 - ctx.rank}, "kv");
        }).says("is not a member"));
}

TEST_CASE("ranks that a call names are those of its group, and parts make up the whole") {
  const auto ends = [](int ranks, const std::function<void(RankContext&)>& call) {
    return run(ranks, call).sentence;
  };
  const auto broadcast = [&](int root) {
    return ends(2, [=](RankContext& ctx) { ctx.tp.broadcast(zeros(ctx, 1), root, ctx.compute); });
  };
  for (const int root : {0, 1}) CHECK(broadcast(root) == "");
  for (const int root : {-1, 2})
    CHECK(broadcast(root).find(text("root ", root, " is not a rank")) != std::string::npos);
  const auto exchange = [&](int beyond) {
    return ends(2, [=](RankContext& ctx) {
      const int peer = beyond == 0 ? 1 - ctx.rank : beyond;
      ctx.tp.exchange({{Direction::send, peer, zeros(ctx, 1)},
                       {Direction::recv, peer, Tensor(ctx.device, {1})}},
                      ctx.compute);
    });
  };
  CHECK(exchange(0) == "");
  for (const int peer : {-1, 2})
    CHECK(exchange(peer).find(text("cannot talk to rank ", peer)) != std::string::npos);
  const auto subgroup = [&](std::vector<int> members) {
    return ends(2, [=](RankContext& ctx) { ctx.tp.subgroup(members, "kv"); });
  };
  CHECK(subgroup({0, 1}) == "");
  CHECK(subgroup({1, 0}) == "");
  for (const std::vector<int>& members :
       {std::vector<int>{-1, 0, 1}, {0, 1, 2}, {0, 1, 1}, {0, 0, 1}})
    CHECK(subgroup(members).find("out of range or named twice") != std::string::npos);
  const auto gather = [&](Index whole, Index part) {
    return ends(2, [=](RankContext& ctx) {
      ctx.tp.all_gather(zeros(ctx, whole), zeros(ctx, part), ctx.compute);
    });
  };
  const auto scatter = [&](Index whole, Index part) {
    return ends(2, [=](RankContext& ctx) {
      ctx.tp.reduce_scatter(zeros(ctx, part), zeros(ctx, whole), ctx.compute);
    });
  };
  CHECK(gather(4, 2) == "");
  CHECK(scatter(4, 2) == "");
  for (const Index whole : {3, 5}) {
    CHECK(gather(whole, 2).find("do not make") != std::string::npos);
    CHECK(scatter(whole, 2).find("do not make") != std::string::npos);
  }
}

}  // namespace shardpipe
