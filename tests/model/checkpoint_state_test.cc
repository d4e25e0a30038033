// What a checkpoint says of its run: a run of another model, seed or text is refused, with both
// values; and files of version 1 stay readable.
#include "tests/support/catch.h"
#include "tests/support/checkpoint_cases.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_files.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

const std::string kText = "fnv1a64:0123456789abcdef";
const RunState kState = {.seed = 7,
                         .text = kText,
                         .step = 10,
                         .sequences = 40,
                         .options = {{"batch", "4"}, {"learning-rate", "0.003"}}};

// The model of version_1.safetensors.
DecoderConfig small_config() {
  return {.layers = 1,
          .hidden = 4,
          .ffn = 4,
          .heads = 2,
          .kv_heads = 1,
          .vocabulary = 6,
          .sequence = 3};
}

class File {
 public:
  explicit File(const Metadata& metadata) {
    write_tensors(folder_.file("file"), {{"x", {{1}, {1}}}}, metadata);
    file_.emplace(folder_.file("file"));
  }
  std::string refusal(const DecoderConfig& config = small_config(), std::uint64_t seed = 7,
                      const std::string& text_hash = kText) const {
    return usage_message([&] { state_in(*file_, config, seed, text_hash); });
  }
  const SafetensorsFile& operator*() const { return *file_; }

 private:
  TemporaryFolder folder_;
  std::optional<SafetensorsFile> file_;
};

}  // namespace

TEST_CASE("metadata come back as they were saved") {
  const File file(checkpoint_metadata(small_config(), kState));
  const RunState state = state_in(*file, small_config(), 7, kText);
  CHECK(state.seed == 7);
  CHECK(state.text == kText);
  CHECK(state.step == 10);
  CHECK(state.sequences == 40);
  CHECK(state.options == kState.options);
  const RunState last = {
      .seed = UINT64_MAX, .text = kText, .step = 1'000'000'000, .sequences = UINT64_MAX};
  const File largest(checkpoint_metadata(small_config(), last));
  CHECK(state_in(*largest, small_config(), UINT64_MAX, kText).step == last.step);
  CHECK(state_in(*largest, small_config(), UINT64_MAX, kText).sequences == last.sequences);
}

TEST_CASE("a checkpoint of another run is refused with both values, of all that differ") {
  const DecoderConfig good = small_config();
  const File file(checkpoint_metadata(good, kState));
  struct Change {
    std::function<void(DecoderConfig&)> make;
    const char* words;
  };
  const std::vector<Change> changes = {
      {[](DecoderConfig& c) { c.family = Family::llama; }, "family gpt2, here llama"},
      {[](DecoderConfig& c) { c.layers = 2; }, "layers 1, here 2"},
      {[](DecoderConfig& c) { c.hidden = 8; }, "hidden 4, here 8"},
      {[](DecoderConfig& c) { c.ffn = 5; }, "ffn 4, here 5"},
      {[](DecoderConfig& c) { c.heads = 4; }, "heads 2, here 4"},
      {[](DecoderConfig& c) { c.kv_heads = 2; }, "kv-heads 1, here 2"},
      {[](DecoderConfig& c) { c.vocabulary = 7; }, "vocab 6, here 7"},
      {[](DecoderConfig& c) { c.sequence = 4; }, "seq 3, here 4"},
      {[](DecoderConfig& c) { c.tied = false; }, "tied on, here off"},
      {[](DecoderConfig& c) { c.gelu = GeluKind::erf; }, "gelu tanh, here erf"},
      {[](DecoderConfig& c) { c.rotary_theta = 10000.001f; }, "rotary-theta 10000, here 10000.001"},
      {[](DecoderConfig& c) { c.dtype = DType::bf16; }, "dtype f32, here bf16"}};
  for (const Change& change : changes) {
    DecoderConfig other = good;
    change.make(other);
    CHECK(lacks(file.refusal(other),
                {"file: is of another run: ", change.words, "--weights-only"}) == "");
  }
  CHECK(lacks(file.refusal(good, 8), {"seed 7, here 8"}) == "");
  CHECK(lacks(file.refusal(good, 7, "fnv1a64:other"),
              {"text fnv1a64:0123456789abcdef, here fnv1a64:other"}) == "");
  DecoderConfig other = good;
  other.heads = 4, other.layers = 2;
  CHECK(lacks(file.refusal(other, 1), {"layers 1, here 2; heads 2, here 4; seed 7, here 1"}) == "");
  // What says only how the model is computed is no other model.
  other = good;
  other.paired = false, other.fused = true, other.twin.style = TpStyle::overlapped;
  CHECK(file.refusal(other) == "no error");
}

TEST_CASE("every key of a config but those with a default is in every checkpoint") {
  for (const ConfigKey& key : keys_of(small_config())) {
    Metadata without = checkpoint_metadata(small_config(), kState);
    REQUIRE(without.erase("config." + key.name) == 1);
    const std::string refusal = File(without).refusal();
    INFO(key.name);
    if (key.if_absent == key.value)
      CHECK(refusal == "no error");
    else if (key.if_absent)
      CHECK(lacks(refusal, {text(key.name, " ", *key.if_absent, ", here ", key.value).c_str()}) ==
            "");
    else
      CHECK(lacks(refusal, {"lack config.", key.name.c_str(), "--weights-only"}) == "");
  }
}

TEST_CASE("metadata that are of no run, of a later one, or broken") {
  const auto with = [](const std::string& key, const std::optional<std::string>& value) {
    Metadata metadata = checkpoint_metadata(small_config(), kState);
    metadata.erase(key);
    if (value) metadata[key] = *value;
    return File(metadata).refusal();
  };
  CHECK(lacks(File(Metadata{{"format", "pt"}}).refusal(),
              {"file: does not say which run it is of", "--weights-only"}) == "");
  CHECK(lacks(File(Metadata{}).refusal(), {"does not say which run it is of"}) == "");
  for (const char* version : {"2", "0", "01", "1.0", ""})
    CHECK(lacks(with("shardpipe.version", version),
                {"is a checkpoint of version ", version, "reads version 1"}) == "");
  CHECK(lacks(with("config.experts", "8"), {"experts 8, which this program does not know"}) == "");
  for (const char* key : {"seed", "step", "sequences"}) {
    CHECK(lacks(with(key, {}), {"its metadata lack ", key}) == "");
    for (const char* words :
         {"", "-1", "1.5", "ten", "0x10", " 7", "7 ", "1e3", "18446744073709551616"})
      CHECK(lacks(with(key, words), {text("its ", key, " is '", words, "'").c_str()}) == "");
  }
  CHECK(lacks(with("step", "1000000001"),
              {"its step is '1000000001' (allowed: 0 to 1000000000)"}) == "");
  CHECK(lacks(with("text", {}), {"its metadata lack text"}) == "");
}

// Written once, by the first program that wrote version 1:
//   test_model "[.version_1]"
TEST_CASE("write version_1.safetensors", "[.version_1]") {
  OutputFile out(in_source("tests/model/version_1.safetensors"));
  on_every_rank({}, small_config(), [&](RankContext& ctx, Trained& run) {
    run.fill(ctx);
    write_checkpoint(ctx, out, checkpoint_metadata(small_config(), kState), run.shards());
  });
  out.commit();
}

// If this fails, files that people have are no longer read: mend the program, not the file.
TEST_CASE("a file of version 1 stays readable") {
  SafetensorsFile file(in_source("tests/model/version_1.safetensors"));
  CHECK(file.metadata().at("shardpipe.version") == "1");
  const RunState state = state_in(file, small_config(), 7, kText);
  CHECK(state.step == 10);
  CHECK(state.sequences == 40);
  CHECK(state.options == kState.options);
  std::vector<std::string> unwanted, wrong;
  on_every_rank({}, small_config(), [&](RankContext& ctx, Trained& run) {
    unwanted = unwanted_in(ctx, file, run.shards());
    read_checkpoint(ctx, file, run.shards());
    for (const Shard& shard : run.shards()) {
      const std::vector<float> is = ctx.math.to_host(shard.tensor, ctx.compute);
      for (const Piece& piece : shard.parameter->pieces(0))
        for_each_number(piece, shard.tensor.shape(), [&](Index full, Index local) {
          const float want = numbered(shard.kind + piece.name, full);
          if (std::memcmp(&is[static_cast<std::size_t>(local)], &want, sizeof want) != 0)
            wrong.push_back(shard.kind + piece.name);
        });
    }
  });
  CHECK(unwanted == std::vector<std::string>{});
  CHECK(wrong == std::vector<std::string>{});
}

}  // namespace shardpipe
