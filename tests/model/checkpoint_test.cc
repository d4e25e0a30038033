// A checkpoint holds every number of a run once and with its bits, whichever grid wrote it, and
// gives them to every grid; what is not of the run is refused.
#include "tests/support/catch.h"
#include "tests/support/checkpoint_cases.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_files.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

// In every way that tensors are divided or doubled: by tp (rows, columns, padding, key/value
// heads), over stages, with both ends on one rank, with copies, and, tied, with a table at both
// ends.
std::vector<Place> places(bool tied) {
  std::vector<Place> all = {
      {.grid = {.tp = 4}},
      {.grid = {.tp = 2, .pp = 2, .dp = 2}, .order = parse_order("pp-dp-tp")},
      {.grid = {.pp = 2}, .options = {.schedule = "zb_v", .microbatches = 4, .chunks = 2}}};
  if (!tied) return all;
  all.push_back({.grid = {.tp = 2}});
  all.push_back({.grid = {.tp = 2, .pp = 2, .dp = 2}});
  all.push_back({.grid = {.pp = 4},
                 .options = {.schedule = "interleaved_1f1b", .microbatches = 4, .chunks = 2}});
  all.push_back(
      {.grid = {.tp = 2, .pp = 4}, .options = {.schedule = "dualpipe", .microbatches = 8}});
  return all;
}

std::string words_of(const Place& p) {
  return text(p.options.schedule, " tp", p.grid.tp, " pp", p.grid.pp, " dp", p.grid.dp);
}

void save(const std::string& file, const Place& place, const DecoderConfig& config) {
  OutputFile out(file);
  on_every_rank(place, config, [&](RankContext& ctx, Trained& run) {
    run.fill(ctx);
    write_checkpoint(ctx, out, checkpoint_metadata(config, run_state()), run.shards());
  });
  out.commit();
}

void load(const std::string& file, const Place& place, const DecoderConfig& config) {
  SafetensorsFile in(file);
  on_every_rank(place, config,
                [&](RankContext& ctx, Trained& run) { read_checkpoint(ctx, in, run.shards()); });
}

}  // namespace

TEST_CASE("a checkpoint is the same file, byte for byte, from every grid and schedule") {
  const TemporaryFolder folder;
  for (const bool tied : {true, false}) {
    const DecoderConfig config = saved_config(tied ? Family::gpt2 : Family::llama, tied);
    const std::string first = folder.file("first"), file = folder.file("file");
    save(first, {}, config);
    CHECK(misplaced(first) == "");
    Index weights = 0, states = 0;
    for (const auto& [name, tensor] : read_tensors(first))
      (name.starts_with("adamw.") ? states : weights) += tensor.shape.elements();
    CHECK(weights == count_parameters(config));
    CHECK(states == 2 * weights);
    for (const Place& place : places(tied)) {
      INFO(words_of(place));
      save(file, place, config);
      CHECK(bytes_of_file(file) == bytes_of_file(first));
    }
  }
}

TEST_CASE("a checkpoint is restored bit for bit on every grid, with copies and padding") {
  const TemporaryFolder folder;
  for (const bool tied : {true, false}) {
    const DecoderConfig config = saved_config(tied ? Family::gpt2 : Family::llama, tied);
    const std::string file = folder.file("file");
    save(file, {.grid = {.tp = 4}}, config);
    for (const Place& place : places(tied)) {
      std::vector<std::string> wrong(static_cast<std::size_t>(place.grid.ranks()));
      SafetensorsFile in(file);
      on_every_rank(place, config, [&](RankContext& ctx, Trained& run) {
        read_checkpoint(ctx, in, run.shards());
        Trained want(ctx, config, place);
        want.fill(ctx);
        const std::vector<Shard> is = run.shards(), should = want.shards();
        for (std::size_t i = 0; i < is.size(); ++i) {
          const auto a = ctx.math.to_host(is[i].tensor, ctx.compute),
                     b = ctx.math.to_host(should[i].tensor, ctx.compute);
          if (std::memcmp(a.data(), b.data(), sizeof(float) * a.size()) != 0)
            wrong[static_cast<std::size_t>(ctx.rank)] +=
                is[i].kind + is[i].parameter->pieces(ctx.coord.tp).front().name + " ";
        }
      });
      INFO(words_of(place));
      for (const std::string& of_rank : wrong) CHECK(of_rank == "");
    }
  }
}

TEST_CASE("a checkpoint that cannot be written: rank 0 says why, and all ranks go on") {
  const DecoderConfig config = saved_config(Family::gpt2, true);
  OutputFile full("/dev/full");
  std::vector<std::optional<Error>> failed(4);
  on_every_rank({.grid = {.tp = 2, .pp = 2}}, config, [&](RankContext& ctx, Trained& run) {
    for (int i = 0; i < 4; ++i) {  // more than is buffered
      const std::optional<Error> why = write_checkpoint(ctx, full, {}, run.shards());
      if (why) failed[static_cast<std::size_t>(ctx.rank)] = why;
    }
  });
  REQUIRE(failed[0].has_value());
  CHECK(lacks(failed[0]->what(), {"/dev/full: cannot be written: No space left"}) == "");
  CHECK(failed[0]->code() == ExitCode::usage);
  for (const std::size_t other : {1, 2, 3}) CHECK(!failed[other].has_value());
}

TEST_CASE("checkpoints that do not fit the model, or no model") {
  const TemporaryFolder folder;
  const DecoderConfig config = saved_config(Family::gpt2, true);
  const std::string file = folder.file("file");
  save(file, {}, config);
  const HostTensors good = read_tensors(file);
  const auto message_with = [&](const std::function<void(HostTensors&)>& change) {
    HostTensors tensors = good;
    change(tensors);
    const std::string changed = folder.file("changed");
    write_tensors(changed, tensors);
    const std::string alone = usage_message([&] { load(changed, {}, config); });
    CHECK(usage_message([&] { load(changed, {.grid = {.tp = 2, .pp = 2}}, config); }) == alone);
    return alone;
  };
  CHECK(message_with([](HostTensors&) {}) == "no error");
  CHECK(lacks(message_with([](HostTensors& t) { t.erase("blocks.0.mlp.up.weight"); }),
              {"changed: has no tensor blocks.0.mlp.up.weight"}) == "");
  CHECK(lacks(message_with([](HostTensors& t) { t.erase("adamw.v.norm.scale"); }),
              {"changed: has no tensor adamw.v.norm.scale"}) == "");
  CHECK(lacks(message_with([](HostTensors& t) {
                t["positions.weight"] = {{5, 16}, std::vector<float>(80)};
              }),
              {"positions.weight is [5,16], this model wants [4,16]"}) == "");
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    CHECK(lacks(message_with([&](HostTensors& t) { t["norm.scale"].values[15] = bad; }),
                {"changed: tensor norm.scale: its number 15 is "}) == "");
    CHECK(lacks(message_with([&](HostTensors& t) {
                  t["adamw.m.blocks.7.mlp.down.weight"].values[127] = bad;
                }),
                {"changed: tensor adamw.m.blocks.7.mlp.down.weight: its number 127 is "}) == "");
  }
}

}  // namespace shardpipe
