// Pipelines and hybrids under RoundingKernels: losses and every gradient of every schedule on every
// grid equal those of one rank bit for bit, on every rank.
#include "core/reference/rounding_kernels.h"
#include "core/schedule/builders.h"
#include "tests/support/catch.h"
#include "tests/support/pipeline_cases.h"

namespace shardpipe {
namespace {

std::unique_ptr<Kernels> rounding_kernels() { return std::make_unique<RoundingKernels>(); }

DecoderConfig small_model(Family family, bool tied) {
  return {.family = family,
          .layers = 8,
          .hidden = 16,
          .ffn = 16,
          .heads = 4,
          .kv_heads = 2,
          .vocabulary = 11,
          .sequence = 4,
          .tied = tied,
          .rotary_theta = 3};
}

// What one rank computes depends on the model and the number of micro-batches only.
class OneRank {
 public:
  const HostTensors& of(const PipelineCase& c) {
    const auto key = std::make_pair(c.config.family, c.options.microbatches * c.grid.dp);
    auto found = known_.find(key);
    if (found == known_.end()) {
      const TpRun run = run_tp(
          1, [&](RankContext& ctx) { return run_without_pipeline(ctx, c, exact_fill(4)); },
          rounding_kernels);
      found = known_.emplace(key, whole_tensors(run)).first;
    }
    return found->second;
  }

 private:
  std::map<std::pair<Family, int>, HostTensors> known_;
};

// Empty, or what differs.
std::string difference(PipelineCase c, OneRank& one_rank) {
  // dlogits are 4 (p - [target]), of which 1/16 is fine enough to keep (decoder_exact_test.cc).
  c.options.loss_scale =
      4 * static_cast<float>(tokens_of(c.config) * c.options.microbatches * c.grid.dp);
  const TpRun run = run_grid(
      c.grid, [&](RankContext& ctx) { return run_pipeline(ctx, c, exact_fill(4)); },
      rounding_kernels, c.order);
  const std::string found = first_difference(run, one_rank.of(c));
  return found.empty() ? "" : to_string(c) + ": " + found;
}

}  // namespace

TEST_CASE("every schedule on every grid equals one rank bit for bit") {
  OneRank one_rank;
  int runs = 0;
  for (const std::string& name : schedule_names())
    for (const int pp : {1, 2, 4})
      for (const int m : {pp, 2 * pp, 2 * pp + 1})
        for (const int tp : {1, 2})
          for (const int dp : {1, 2}) {
            PipelineCase c = {
                .config = small_model(runs % 2 == 0 ? Family::gpt2 : Family::llama, runs % 2 == 0),
                .grid = {.tp = tp, .pp = pp, .dp = dp},
                .options = {.schedule = name, .microbatches = m, .chunks = default_chunks(name)}};
            if (name == "forward_only" || !is_valid(c.options, pp)) continue;
            ++runs;
            CHECK(difference(c, one_rank) == "");
          }
  CHECK(runs > 200);
}

TEST_CASE("styles that split tokens send a rank's own tokens, and change no bit") {
  OneRank one_rank;
  for (const char* name : {"1f1b", "interleaved_1f1b", "zb_v", "dualpipe"})
    for (const TpStyle style : all_tp_styles()) {
      const bool even = style == TpStyle::plain || style == TpStyle::sequence_overlapped;
      PipelineCase c = {.config = small_model(Family::gpt2, true),
                        .grid = {.tp = 2, .pp = 2, .dp = 2},
                        .options = {.schedule = name,
                                    .microbatches = 4,
                                    .chunks = default_chunks(name),
                                    .p2p = even ? P2p::prefetch : P2p::one_lane,
                                    .recompute = even,
                                    .gradient_sync = GradientSyncKind::overlapped,
                                    .bucket_bytes = 2000}};
      c.config.twin.style = style;
      INFO(name_of(style));
      CHECK(difference(c, one_rank) == "");
    }
}

TEST_CASE("the ways to send and to sum change no bit") {
  OneRank one_rank;
  for (const char* name : {"gpipe", "1f1b", "interleaved_1f1b", "zb_h1", "zb_v", "dualpipe"})
    for (const P2p p2p : {P2p::blocking, P2p::one_lane, P2p::prefetch})
      for (const bool toggle : {false, true}) {
        using enum GradientSyncKind;
        const PipelineCase c = {.config = small_model(Family::gpt2, true),
                                .grid = {.tp = 2, .pp = 2, .dp = 2},
                                .options = {.schedule = name,
                                            .microbatches = 4,
                                            .chunks = default_chunks(name),
                                            .p2p = p2p,
                                            .group_messages = toggle,
                                            .scatter = toggle,
                                            .recompute = !toggle,
                                            .gradient_sync = toggle ? overlapped : bucketed,
                                            .bucket_bytes = 2000},
                                .order = parse_order(toggle ? "tp-pp-dp" : "tp-dp-pp")};
        CHECK(difference(c, one_rank) == "");
      }
}

}  // namespace shardpipe
