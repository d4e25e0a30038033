// Every sentence about a wait, a mismatch or a race names the lines of the program that called, on
// all backends with the same words.
#include <atomic>

#include "core/collectives/gather.h"
#include "core/cost/roofline.h"
#include "core/launch/launch.h"
#include "core/tensor_parallel/linear.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

const bool kBoth[] = {false, true};

std::string sentence_of(bool modelled, const RankProgram& program) {
  const RunOptions options{.grid = {.tp = 3}, .time_limit_s = 60, .record_trace = false};
  try {
    if (modelled)
      run_modelled(options, RooflineModel(load_hardware("8xH100")), program);
    else
      run_on_cpu(options, program);
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing is wrong";
}

std::string here(int line) { return text("lines_test.cc:", line); }

bool says(const std::string& sentence, const std::string& words) {
  return sentence.find(words) != std::string::npos;
}

CollectiveContext collective_of(RankContext& ctx) {
  return {ctx.tp, ctx.math, ctx.device, ctx.compute};
}

}  // namespace

TEST_CASE("a place is said without its folders, and not at all where there is none") {
  CHECK(Where{"/a/b/block.cc", 41}.words() == "block.cc:41");
  CHECK(Where{"block.cc", 41}.words(" (", ")") == " (block.cc:41)");
  CHECK(Where{}.words(" (", ")").empty());
  CHECK(says(Where::here().words(), here(__LINE__)));
}

TEST_CASE("an operation carries the line of its caller, whatever hands it on") {
  for (const bool modelled : kBoth) {
    std::atomic<int> alone = 0, lambda = 0;
    const std::string sentence = sentence_of(modelled, [&](RankContext& ctx) {
      const Tensor x(ctx.device, {4}), y(ctx.device, {12});
      const auto gather = [&](OnStream on) { ctx.tp.all_gather(y, x, on); };
      if (ctx.rank == 2) return;
      if (ctx.rank == 0)
        ctx.tp.all_gather(y, x, ctx.compute), alone = __LINE__;
      else
        gather(ctx.compute), lambda = __LINE__;
    });
    INFO(sentence);
    CHECK(says(sentence, here(alone)));
    CHECK(says(sentence, here(lambda)));
  }
}

TEST_CASE("calls that do not match: the line of each") {
  for (const bool modelled : kBoth) {
    std::atomic<int> one = 0, other = 0;
    const std::string sentence = sentence_of(modelled, [&](RankContext& ctx) {
      const Tensor x(ctx.device, {4});
      if (ctx.rank == 1)
        ctx.tp.broadcast(x, 0, ctx.compute), one = __LINE__;
      else
        ctx.tp.all_reduce(x, ctx.compute), other = __LINE__;
      ctx.compute.synchronize();
    });
    INFO(sentence);
    CHECK(says(sentence, text(" (", here(one), ")")));
    CHECK(says(sentence, text(" (", here(other), ")")));
  }
}

TEST_CASE("messages that do not fit: the lines of both ends") {
  for (const bool modelled : kBoth) {
    std::atomic<int> sent = 0, expected = 0;
    const std::string sentence = sentence_of(modelled, [&](RankContext& ctx) {
      const Tensor x(ctx.device, {4}), y(ctx.device, {5});
      if (ctx.rank == 0) ctx.tp.exchange({send_to(1, x)}, ctx.compute), sent = __LINE__;
      if (ctx.rank == 1) ctx.tp.exchange({recv_from(0, y)}, ctx.compute), expected = __LINE__;
      ctx.compute.synchronize();
    });
    INFO(sentence);
    CHECK(says(sentence, text("rank 1 in exchange #0 of tp[0,1,2] (", here(expected),
                              ") expects 20 bytes f32 from rank 0, which sends 16 bytes f32 in its "
                              "exchange #0 (",
                              here(sent), ")")));
  }
}

TEST_CASE("a race: the lines of both operations, also of Math") {
  int computed = 0, sent = 0;
  const std::string sentence = sentence_of(true, [&](RankContext& ctx) {
    const Tensor x(ctx.device, {4});
    ctx.math.fill(x, 1, ctx.compute), computed = __LINE__;
    ctx.tp.all_reduce(x, ctx.comm), sent = __LINE__;
  });
  INFO(sentence);
  CHECK(says(sentence, text("all_reduce (stream comm, ", here(sent), ") writes 16 bytes")));
  CHECK(says(sentence, text("fill (stream compute, ", here(computed), ") writes")));
}

TEST_CASE("inside an algorithm of the kit it is the line that called it, in your own its lines") {
  for (const bool modelled : kBoth) {
    std::atomic<int> kits = 0, own = 0;
    const std::string sentence = sentence_of(modelled, [&](RankContext& ctx) {
      const CollectiveContext on = collective_of(ctx);
      const Tensor x(ctx.device, {4}), y(ctx.device, {12});
      if (ctx.rank == 2) return;
      if (ctx.rank == 0)
        all_gather(y, x, GatherAlgorithm::direct, on), kits = __LINE__;
      else
        on.exchange({send_to(2, x), recv_from(2, y)}), own = __LINE__;
    });
    INFO(sentence);
    CHECK(says(sentence, here(kits)));
    CHECK(says(sentence, here(own)));
    CHECK_FALSE(says(sentence, "gather.cc"));
  }
}

TEST_CASE("in a layer it is the layer's line") {
  for (const bool modelled : kBoth) {
    const std::string sentence = sentence_of(modelled, [&](RankContext& ctx) {
      RowParallelLinear layer(ctx, "r", 6, 4, {});
      const Tensor x(ctx.device, {5, 2});
      if (ctx.rank < 2) layer.forward(x, 0, ctx);
    });
    INFO(sentence);
    CHECK(says(sentence, "linear.cc:"));
  }
}

}  // namespace shardpipe
