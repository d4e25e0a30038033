#include "tests/support/inference_cases.h"

#include <algorithm>

namespace shardpipe {
namespace {

using Tokens = std::vector<std::int32_t>;

Held hold_tokens(RankContext& ctx, int group, const Shape& shape, const Tokens& tokens) {
  return {replicated(text("group", group), shape)(ctx.coord.tp), shape,
          std::vector<float>(tokens.begin(), tokens.end())};
}

// A decoder of the layers that training uses: logits of B padded sequences of S positions.
class PlainDecoder {
 public:
  PlainDecoder(RankContext& ctx, const DecoderConfig& config, const Fill& fill)
      : embedding_(ctx, config) {
    const BlockOptions options = block_options(config);
    for (int layer = 0; layer < config.layers; ++layer)
      body_.add(std::make_unique<TransformerBlock>(ctx, layer, options));
    body_.add(
        make_norm(ctx, options.norm, "norm", config.hidden, config.dtype, config.norm_epsilon));
    head_ = std::make_unique<DecoderHead>(ctx, config, config.tied ? &embedding_.table() : nullptr);
    for (Layer* layer : {static_cast<Layer*>(&embedding_), static_cast<Layer*>(&body_),
                         static_cast<Layer*>(head_.get())})
      for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, fill);
  }

  std::vector<float> logits(const Tokens& padded, RankContext& ctx) {  // [B S, V]
    embedding_.set_tokens(0, make_tokens(ctx, padded));
    Tensor x = head_->logits(body_.forward(embedding_.forward({}, 0, ctx), 0, ctx), 0, ctx);
    for (Layer* layer : {static_cast<Layer*>(&embedding_), static_cast<Layer*>(&body_),
                         static_cast<Layer*>(head_.get())})
      layer->drop(0);
    return ctx.math.to_host(x, ctx.compute);
  }

 private:
  DecoderEmbedding embedding_;
  Sequential body_;
  std::unique_ptr<DecoderHead> head_;
};

// Appends the next token to each of the sequences, which have one length.
void grow(std::vector<Tokens>& sequences, PlainDecoder& model, const DecoderConfig& config,
          RankContext& ctx) {
  Tokens padded;
  for (Tokens tokens : sequences) {
    tokens.resize(static_cast<std::size_t>(config.sequence), 0);
    padded.insert(padded.end(), tokens.begin(), tokens.end());
  }
  const std::vector<float> logits = model.logits(padded, ctx);
  const Index last = static_cast<Index>(sequences.front().size()) - 1;
  for (std::size_t b = 0; b < sequences.size(); ++b) {
    const auto row =
        logits.begin() + (static_cast<Index>(b) * config.sequence + last) * config.vocabulary;
    sequences[b].push_back(
        static_cast<std::int32_t>(std::max_element(row, row + config.vocabulary) - row));
  }
}

}  // namespace

std::vector<Tokens> prompts_of(const InferenceCase& c) {
  std::vector<Tokens> prompts;
  for (int group = 0; group < c.options.groups; ++group)
    prompts.push_back(random_tokens(c.options.sequences * (2 + group % 2), c.config.vocabulary,
                                    static_cast<std::uint64_t>(group)));
  return prompts;
}

RankResult run_inference(RankContext& ctx, const InferenceCase& c, const Fill& fill) {
  InferencePipeline model(ctx, c.config, c.options);
  model.fill(ctx, fill);
  RankResult result;
  const std::vector<Tensor> sequences = model.generate(prompts_of(c), c.tokens, ctx);
  for (std::size_t group = 0; group < sequences.size(); ++group)
    if (!sequences[group].empty())
      result.push_back(hold_tokens(ctx, static_cast<int>(group), sequences[group].shape(),
                                   ctx.math.to_host_integers(sequences[group], ctx.compute)));
  return result;
}

RankResult run_recomputed(RankContext& ctx, const InferenceCase& c, const Fill& fill) {
  PlainDecoder model(ctx, c.config, fill);
  RankResult result;
  for (const Tokens& prompt : prompts_of(c)) {
    const auto B = static_cast<std::size_t>(c.options.sequences), length = prompt.size() / B;
    std::vector<Tokens> sequences;
    for (std::size_t b = 0; b < B; ++b)
      sequences.emplace_back(prompt.begin() + static_cast<std::ptrdiff_t>(b * length),
                             prompt.begin() + static_cast<std::ptrdiff_t>((b + 1) * length));
    for (int n = 0; n < c.tokens; ++n) grow(sequences, model, c.config, ctx);
    Tokens all;
    for (const Tokens& tokens : sequences) all.insert(all.end(), tokens.begin(), tokens.end());
    const Shape shape = {c.options.sequences, static_cast<Index>(length) + c.tokens};
    result.push_back(hold_tokens(ctx, static_cast<int>(result.size()), shape, all));
  }
  return result;
}

std::string to_string(const InferenceCase& c) {
  return text(name_of(c.config.family), " ", c.config.kv_heads, " kv heads tp", c.grid.tp, " pp",
              c.grid.pp, " g=", c.options.groups, c.options.hide_messages ? " lag 2" : " lag 1",
              c.options.cache ? "" : " no cache");
}

}  // namespace shardpipe
