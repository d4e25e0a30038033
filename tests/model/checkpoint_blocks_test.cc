// Tensors larger than the blocks by which they are saved and loaded. Apart, because it is slow
// under the sanitizers, which see the same paths in checkpoint_test.cc.
#include "tests/support/catch.h"
#include "tests/support/checkpoint_cases.h"
#include "tests/support/temporary_folder.h"

namespace shardpipe {

TEST_CASE("tensors of many blocks: no rank makes a whole one, to save or to load") {
  const TemporaryFolder folder;
  // Blocks end inside of rows, and of the rows and columns that one of two ranks has.
  const DecoderConfig config = {.layers = 1,
                                .hidden = 8,
                                .ffn = 80'000,
                                .heads = 4,
                                .kv_heads = 4,
                                .vocabulary = 7,
                                .sequence = 4};
  const std::string file = folder.file("file");
  OutputFile out(file);
  SafetensorsFile* in = nullptr;
  std::vector<std::int64_t> most(4);
  const auto use = [&](RankContext& ctx, Trained& run) {
    MemoryCounter& memory = ctx.device.memory();
    if (in == nullptr) run.fill(ctx);
    memory.reset_peak();
    const std::int64_t before = memory.live_bytes();
    if (in == nullptr)
      write_checkpoint(ctx, out, checkpoint_metadata(config, run_state()), run.shards());
    else
      read_checkpoint(ctx, *in, run.shards());
    most[static_cast<std::size_t>(ctx.rank)] = memory.peak_bytes() - before;
  };
  on_every_rank({.grid = {.tp = 4}}, config, use);
  out.commit();
  CHECK(misplaced(file) == "");
  for (const std::int64_t bytes : most) CHECK(bytes == 4 * kCheckpointBlock);
  SafetensorsFile saved(file);
  in = &saved;
  std::string wrong;
  on_every_rank({.grid = {.tp = 2}}, config, [&](RankContext& ctx, Trained& run) {
    use(ctx, run);
    std::vector<std::vector<float>> is;
    for (const Shard& shard : run.shards())
      is.push_back(ctx.math.to_host(shard.tensor, ctx.compute));
    run.fill(ctx);
    const std::vector<Shard> should = run.shards();
    for (std::size_t i = 0; i < is.size(); ++i)
      if (is[i] != ctx.math.to_host(should[i].tensor, ctx.compute) && ctx.rank == 1)
        wrong += should[i].parameter->pieces(1).front().name + " ";
  });
  CHECK(wrong == "");
  CHECK(most[0] == 0);
}

}  // namespace shardpipe
