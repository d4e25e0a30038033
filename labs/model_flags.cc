#include "labs/model_flags.h"

#include <algorithm>
#include <charconv>

#include "core/base/data_root.h"
#include "core/launch/processes.h"
#include "core/model/text_batches.h"
#include "labs/run_on.h"

namespace shardpipe {

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

Toggle decay_steps_toggle() {
  return {"decay-steps", {}, "off", "steps of the whole run, over which the rate falls to a tenth"};
}

std::string value_of(const LabOptions& o, const Toggle& toggle) {
  const auto found = o.toggles.find(toggle.name);
  return found == o.toggles.end() ? toggle.default_value : found->second;
}

DecoderConfig model_of(const LabOptions& o, const LabShape& s) {
  return {.family = parse_family(value_of(o, family_toggle())),
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
          .dtype = dtype_on(o.device)};
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
