// pp-inference: text generated on tp x pp ranks. Without a cache every token computes all positions
// again; with one, but all sequences in one group, one stage of p works; groups in a ring keep all
// of them working.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/model/inference_pipeline.h"
#include "core/model/text_batches.h"
#include "labs/pipeline_lab.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

constexpr int kMostTicks = 24;  // of a picture's line

struct Plan {
  DecoderConfig config = {};
  InferenceOptions options = {};
  LabShape shape = {};
  Index prompt = 1;                                     // S, tokens of each sequence's prompt
  int tokens = 1;                                       // N, new ones
  std::vector<std::vector<std::int32_t>> prompts = {};  // a group's, one after the other
};

int count(const LabOptions& o, const std::string& toggle, Index most) {
  const double number = positive_number(o, toggle);
  if (number != std::floor(number) || number > static_cast<double>(most))
    usage_error(
        text("--", toggle, " ", o.toggle(toggle), ": must be a whole number from 1 to ", most));
  return static_cast<int>(number);
}

// All weights of one size, so that attention has a say in which token comes next: at the start of
// training it has none.
Fill weights(std::uint64_t seed) { return uniform_fill(seed, 0.2); }

InferenceOptions inference_options(const LabOptions& o, Index sequences) {
  InferenceOptions options = {.hide_messages = o.on("hide-messages"),
                              .cache = o.technique != "naive"};
  if (!o.toggle("groups").empty())
    options.groups = count(o, "groups", sequences);
  else if (o.technique == "ring")
    options.groups = o.grid.pp * (options.hide_messages ? 2 : 1);
  if (sequences % options.groups != 0)
    usage_error(text("--batch ", sequences, " must be a multiple of --groups ", options.groups));
  options.sequences = sequences / options.groups;
  return options;
}

Plan make_plan(const LabOptions& o) {
  const LabShape small = {.layers = 8,
                          .hidden = 128,
                          .ffn = 512,
                          .heads = 4,
                          .kv_heads = 4,
                          .vocab = 256,
                          .seq = 64,
                          .batch = 8};
  const LabShape real = {.layers = 32,
                         .hidden = 4096,
                         .ffn = 14336,
                         .heads = 32,
                         .kv_heads = 8,
                         .vocab = 128256,
                         .seq = 2048,
                         .batch = 64};  // 8B-class
  Plan plan = {.shape = complete(o.shape, small, real, o)};
  const LabShape& s = plan.shape;
  if (s.vocab < 256) usage_error(text("--vocab ", s.vocab, ": bytes need at least 256"));
  plan.config = model_of(o, s);
  plan.options = inference_options(o, s.batch);
  plan.tokens = count(o, "tokens", s.seq);
  plan.prompt = o.toggle("prompt").empty() ? s.seq / 2 : count(o, "prompt", s.seq);
  if (plan.prompt + plan.tokens - 1 > s.seq)
    usage_error(text("--prompt ", plan.prompt, " and --tokens ", plan.tokens, " need ",
                     plan.prompt + plan.tokens - 1, " positions: more than --seq ", s.seq));
  return plan;
}

std::vector<std::vector<std::int32_t>> make_prompts(const LabOptions& o, const Plan& plan) {
  const Batch batch = TextBatches(text_of(o), plan.shape.batch, plan.prompt, o.seed).at(0);
  const Index size = plan.options.sequences * plan.prompt;
  std::vector<std::vector<std::int32_t>> prompts;
  for (auto at = batch.tokens.begin(); at != batch.tokens.end(); at += size)
    prompts.emplace_back(at, at + size);
  return prompts;
}

LabNeed need_of(const Plan& plan, GridShape grid) {
  const double tokens = static_cast<double>(plan.shape.batch * (plan.prompt + plan.tokens));
  return {.run = inference_bound(plan.config, grid, plan.options, plan.prompt, plan.tokens),
          .numbers = 2 * sizeof(float) * tokens,
          .batches = kBytesOfToken * tokens};
}

LabProgram make_program(RankContext& ctx, const LabOptions& o, const Plan& plan) {
  auto pipeline = std::make_shared<InferencePipeline>(ctx, plan.config, plan.options);
  pipeline->fill(ctx, weights(o.seed));
  auto made = std::make_shared<std::vector<Tensor>>();
  auto generate = [=, &ctx](int) { *made = pipeline->generate(plan.prompts, plan.tokens, ctx); };
  // Of the first and the last stage; the stages between never see a token.
  auto numbers = [=, &ctx] {
    std::vector<RankPart> all;
    for (std::size_t group = 0; group < made->size(); ++group) {
      const Tensor& sequences = (*made)[group];
      if (sequences.empty()) continue;
      const auto tokens = ctx.math.to_host_integers(sequences, ctx.compute);
      if (std::find(tokens.begin(), tokens.end(), -1) != tokens.end())  // core/tensor/math.h
        usage_error("the logits hold NaN, so no token is the most likely");
      all.push_back(whole_part(text("group", group), sequences, ctx));
    }
    return all;
  };
  return {.step = generate, .numbers = numbers};
}

// Seconds for n tokens of all sequences, prefill included; the slowest rank.
double seconds_for(int n, const LabOptions& o, Plan plan) {
  plan.tokens = n;
  LabOptions alone = o;
  alone.check = alone.asks_work = false;
  const LabResult r =
      run_lab("pp-inference", alone,
              {.shape = plan.shape,
               .dtype = plan.config.dtype,
               .warmup = computes_here(o.device) ? 1 : 0,
               .steps = 1,
               .make = [&](RankContext& ctx) { return make_program(ctx, o, plan); }});
  return static_cast<double>(r.report.trace.wall_ns) * 1e-9;
}

LabTable latencies(const LabOptions& o, const Plan& plan, double all_s) {
  const double first = seconds_for(1, o, plan);
  const bool more = plan.tokens > 1;
  const double further = more ? (all_s - first) / (plan.tokens - 1) : 0;
  const double sequences = static_cast<double>(plan.shape.batch);
  return {.title = text(o.device == "modelled" ? "modelled on " + o.hardware : "measured here",
                        ": ", plan.options.groups, " x ", plan.options.sequences,
                        " sequences, prompt ", plan.prompt, ", ", plan.tokens, " new tokens"),
          .columns = {"what", "time", "tokens a second"},
          .rows = {{"first token of all (prefill)", human_time(first),
                    text(std::llround(sequences / first))},
                   {"every further one of all (decode)", more ? human_time(further) : "-",
                    more ? text(std::llround(sequences / further)) : "-"},
                   {"all of them", human_time(all_s),
                    text(std::llround(sequences * plan.tokens / all_s))}}};
}

LabTable ring(const LabOptions& o, const Plan& plan) {
  const DecodeRing ring(o.grid.pp, plan.options.groups, plan.tokens,
                        plan.options.hide_messages ? 2 : 1);
  LabTable table = {.title = "group a stage works on, tick by tick (docs/inference.md)",
                    .columns = {"stage", text("the first ", std::min(kMostTicks, ring.ticks()),
                                              " of ", ring.ticks(), " ticks")}};
  std::istringstream lines(draw(ring, std::min(kMostTicks, ring.ticks())));
  for (std::string word, stage, cells; lines >> word >> stage >> cells;)
    table.rows.push_back({stage, cells});
  return table;
}

LabResult run(const LabOptions& o) {
  Plan plan = make_plan(o), once = plan;
  once.options.cache = true;
  const LabSetup setup = {.shape = plan.shape,
                          .dtype = plan.config.dtype,
                          .warmup = computes_here(o.device) ? 1 : 0,
                          .steps = o.steps.value_or(1),
                          .make = [&](RankContext& ctx) { return make_program(ctx, o, plan); },
                          .make_once = [&](RankContext& ctx) { return make_program(ctx, o, once); },
                          .need = [&](GridShape grid) { return need_of(plan, grid); },
                          .against = "one rank, every token on the first and the last stage"};
  refuse_what_does_not_fit(o, setup);
  plan.prompts = once.prompts = make_prompts(o, plan);
  LabResult result = run_lab("pp-inference", o, setup);
  result.stage_layers = layers_of_stages(plan.config, o.grid.pp);
  const double all_s = static_cast<double>(result.report.trace.wall_ns) * 1e-9 / result.steps;
  result.tables.push_back(latencies(o, plan, all_s));
  result.tables.push_back(ring(o, plan));
  return result;
}

}  // namespace

Lab pp_inference_lab() {
  return {
      .name = "pp-inference",
      .day = 8,
      .summary = "text generated on a pipeline: key/value cache, groups in a ring",
      .toggles =
          {{"groups", {}, "", "groups of sequences in flight (default: ring --pp, others 1)"},
           {"prompt", {}, "", "tokens of a prompt (default: half of --seq)"},
           {"tokens", {}, "16", "new tokens of a sequence"},
           {"hide-messages", {"on", "off"}, "off", "messages under compute; wants 2 --pp groups"},
           {"family", {"gpt2", "llama"}, "llama", "model family"},
           text_toggle()},
      .techniques = {"naive", "cached", "ring"},
      .technique = "ring",
      .grid = {.pp = 4},
      .has_stages = true,
      .example = "--technique cached --tp 2 --pp 4 --device modelled --batch 64",
      .run = run};
}

}  // namespace shardpipe
