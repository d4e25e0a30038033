#include "labs/model_flags.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/base/data_root.h"
#include "core/launch/processes.h"
#include "core/model/text_batches.h"
#include "labs/run_on.h"

namespace shardpipe {

Toggle family_toggle() {
  Toggle toggle = family_toggle(Family::gpt2);
  toggle.default_value = "";
  toggle.help = "model family (default: gpt2; modelled and cuda: llama)";
  return toggle;
}

Toggle family_toggle(Family by_default) {
  return {"family",
          {name_of(Family::gpt2), name_of(Family::llama)},
          name_of(by_default),
          "model family"};
}

Toggle tied_toggle() {
  return {"tied", {"on", "off"}, "on", "the head uses the embedding's table"};
}

Toggle style_toggle() {
  std::vector<std::string> names;
  for (const TpStyle style : all_tp_styles()) names.push_back(name_of(style));
  return {"style", names, name_of(TpStyle::plain), "how the linears of a block talk (day 4)"};
}

Toggle fused_toggle() {
  return {"fused", {"on", "off"}, "off", "bias, residual, norm and GELU in fewer kernels (day 4)"};
}

Toggle text_toggle() {
  return {
      "text", {}, "", "text file or folder of .md files (default: the kit's own)", FileUse::read};
}

Toggle dtype_toggle() {
  return {"dtype",
          {name_of(DType::f32), name_of(DType::bf16)},
          "",
          "of weights and activations (default: f32; modelled: bf16)"};
}

Toggle recipe_toggle() {
  return {"optimizer-recipe",
          {name_of(OptimizerRecipe::full), name_of(OptimizerRecipe::lean)},
          name_of(OptimizerRecipe::full),
          "bf16: gradients and a master of each weight in f32, or neither (18 or 12 bytes)"};
}

Toggle warmup_toggle() {
  return {"warmup", {}, "0", "steps until the whole learning rate, which grows by equal parts"};
}

Toggle weight_decay_toggle() {
  return {"weight-decay", {}, "0", "of AdamW, on matrices and tables only"};
}

Toggle decay_steps_toggle() {
  return {"decay-steps", {}, "off", "steps of the whole run, over which the rate falls to a tenth"};
}

std::string value_of(const LabOptions& o, const Toggle& toggle) {
  const auto found = o.toggles.find(toggle.name);
  return found == o.toggles.end() ? toggle.default_value : found->second;
}

Family family_of(const LabOptions& o) {
  const std::string given = value_of(o, family_toggle());
  if (given.empty()) return computes_here(o.device) ? Family::gpt2 : Family::llama;
  return parse_family(given);
}

DType dtype_of(const LabOptions& o) {
  const std::string given = value_of(o, dtype_toggle());
  if (given.empty()) return dtype_on(o.device);
  return given == name_of(DType::bf16) ? DType::bf16 : DType::f32;
}

DecoderConfig model_of(const LabOptions& o, const LabShape& s) {
  return {.family = family_of(o),
          .layers = static_cast<int>(s.layers),
          .hidden = s.hidden,
          .ffn = s.ffn,
          .heads = s.heads,
          .kv_heads = s.kv_heads,
          .vocabulary = s.vocab,
          .sequence = s.seq,
          .tied = value_of(o, tied_toggle()) == "on",
          .twin = {.style = parse_tp_style(value_of(o, style_toggle()))},
          .fused = value_of(o, fused_toggle()) == "on",
          .dtype = dtype_of(o),
          .recipe = parse_recipe(value_of(o, recipe_toggle()))};
}

DecoderConfig layer_model_of(const LabOptions& o, const LabShape& s) {
  DecoderConfig config = model_of(o, s);
  config.recipe = OptimizerRecipe::lean;
  return config;
}

namespace {

// Of a toggle that may be 0, which is what it is where the lab has none.
double number_or_zero(const LabOptions& o, const Toggle& toggle) {
  const std::string given = value_of(o, toggle);
  char* end = nullptr;
  const double number = std::strtod(given.c_str(), &end);
  if (given.empty() || *end != '\0' || !(number >= 0) || !std::isfinite(number))
    usage_error(text("--", toggle.name, " ", given, ": must be 0 or a positive number"));
  return number;
}

}  // namespace

AdamWOptions adamw_of(const LabOptions& o, double learning_rate) {
  const double weight_decay = number_or_zero(o, weight_decay_toggle());
  return {.learning_rate = static_cast<float>(learning_rate),
          .weight_decay = static_cast<float>(weight_decay)};
}

int warmup_of(const LabOptions& o) {
  constexpr double kMostSteps = 1e6;
  const double steps = number_or_zero(o, warmup_toggle());
  if (steps != std::floor(steps) || steps > kMostSteps)
    usage_error(text("--warmup ", value_of(o, warmup_toggle()),
                     ": must be a whole number of at most ", kMostSteps));
  return static_cast<int>(steps);
}

int decay_steps_of(const LabOptions& o) {
  const std::string given = value_of(o, decay_steps_toggle());
  if (given == "off") return 0;
  int steps = 0;
  const char* const end = given.data() + given.size();
  const auto parsed = std::from_chars(given.data(), end, steps);
  if (parsed.ec != std::errc() || parsed.ptr != end || steps < 1)
    usage_error(text("--decay-steps ", given, ": must be off or a whole number of at least 1"));
  return steps;
}

Index longest_sum(const DecoderConfig& c, Index tokens) {
  return std::max({c.hidden, c.ffn, c.vocabulary, tokens});
}

DecoderConfig plain_way(const DecoderConfig& config) {
  DecoderConfig plain = config;
  plain.twin = {};
  plain.fused = false;
  plain.paired = true;
  return plain;
}

std::string text_of(const LabOptions& o) {
  const std::string given = value_of(o, text_toggle());
  const bool may_be_pipe = !started_processes().several();  // each would read a part of it
  return read_text(given.empty() ? data_root() + "/data/the_long_table.txt" : given, may_be_pipe);
}

}  // namespace shardpipe
