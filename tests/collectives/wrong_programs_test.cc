// A rank that calls another algorithm, or another size, ends with a sentence and not with a hang.
#include "core/cost/roofline.h"
#include "tests/collectives/ways.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

using enum AllReduceAlgorithm;

std::string sentence_of(bool modelled, int n, const RankProgram& program) {
  const RunOptions options{.grid = {.tp = n}, .time_limit_s = 5, .record_trace = false};
  try {
    if (modelled)
      run_modelled(options, RooflineModel(load_hardware("8xH100")), program);
    else
      run_on_cpu(options, program);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("rank 2 of 4 calls another algorithm") {
  for (const bool modelled : {false, true})
    for (const AllReduceAlgorithm common : flat_all_reduce_algorithms())
      for (const AllReduceAlgorithm other : flat_all_reduce_algorithms()) {
        if (common == other) continue;
        const std::string sentence = sentence_of(modelled, 4, [&](RankContext& ctx) {
          const Tensor x(ctx.device, {64});
          ctx.math.fill(x, 1, ctx.compute);
          all_reduce(x, ReduceOp::sum, ctx.rank == 2 ? other : common, collective_of(ctx));
        });
        INFO((modelled ? "modelled: " : "cpu: ") << sentence);
        for (const AllReduceAlgorithm named : {common, other})
          CHECK(sentence.find(text("all_reduce ", name_of(named))) != std::string::npos);
      }
}

TEST_CASE("the sentence names the messages that wait or do not fit") {
  for (const bool modelled : {false, true}) {
    const auto program = [](AllReduceAlgorithm a, AllReduceAlgorithm b, Index more) {
      return [=](RankContext& ctx) {
        const Tensor x(ctx.device, {ctx.rank == 1 ? 8 + more : 8});
        ctx.math.fill(x, 1, ctx.compute);
        all_reduce(x, ReduceOp::sum, ctx.rank == 1 ? b : a, collective_of(ctx));
      };
    };
    const std::string waits = sentence_of(modelled, 3, program(naive, ring, 0));
    INFO(waits);
    CHECK(waits.find("exchange") != std::string::npos);
    CHECK(waits.find("rank 1 waits in exchange") != std::string::npos);
    CHECK(waits.find("tp[0,1,2]") != std::string::npos);
    const std::string sizes = sentence_of(modelled, 2, program(one_shot, one_shot, 1));
    INFO(sizes);
    CHECK(sizes.find("32 bytes f32") != std::string::npos);
    CHECK(sizes.find("36 bytes f32") != std::string::npos);
  }
}

}  // namespace shardpipe
