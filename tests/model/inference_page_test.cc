// docs/inference.md: its tables and pictures are computed.
//   LAB_UPDATE_TABLES=1 ./build/test_inference rewrites them.
#include <cstdio>
#include <sstream>

#include "core/cost/roofline.h"
#include "tests/support/computed_page.h"
#include "tests/support/inference_time.h"

namespace shardpipe {
namespace {

std::string number(double value, const char* pattern) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

// Shapes of published models.
DecoderConfig model(int layers, Index hidden, Index heads, Index kv_heads) {
  return {.family = Family::llama,
          .layers = layers,
          .hidden = hidden,
          .heads = heads,
          .kv_heads = kv_heads,
          .dtype = DType::bf16};
}

std::string caches() {
  const std::pair<const char*, DecoderConfig> models[] = {{"GPT-2 (124M)", model(12, 768, 12, 12)},
                                                          {"Llama 2 7B", model(32, 4096, 32, 32)},
                                                          {"Llama 3 8B", model(32, 4096, 32, 8)},
                                                          {"Llama 3 70B", model(80, 8192, 64, 8)}};
  std::string out =
      "| model, bf16 | layers | K | C | a token | 64 sequences of 8,192 "
      "|\n|---|---|---|---|---|---|\n";
  for (const auto& [name, c] : models) {
    const Index C = c.hidden / c.heads;
    const double token = 2.0 * c.layers * static_cast<double>(c.kv_heads * C * size_of(c.dtype));
    out += text("| ", name, " | ", c.layers, " | ", c.kv_heads, " | ", C, " | ",
                number(token / 1024, "%.0f"), " KiB | ",
                number(token * 64 * 8192 / (1 << 30), "%.0f"), " GiB |\n");
  }
  return out;
}

std::string ring(std::istream& words) {
  int p = 0, groups = 0, lag = 0, ticks = 0;
  words >> p >> groups >> lag >> ticks;
  return "```\n" + draw(DecodeRing(p, groups, 99, lag), ticks) + "```\n";
}

std::string periods() {
  constexpr int p = 4;
  std::string out =
      "| groups | lag | C = 0 | C = 0.5 | C = 1 | C = 2 | busy at C = 1 "
      "|\n|---|---|---|---|---|---|---|\n";
  for (const int groups : {1, 2, p, 2 * p})
    for (const bool hide : {false, true}) {
      out += text("| ", groups, " | ", hide ? 2 : 1);
      for (const double latency : {0.0, 0.5, 1.0, 2.0})
        out += " | " + number(RingTimes{p, groups, hide, latency}.period(), "%.3g");
      const double busy = groups / RingTimes{p, groups, hide, 1}.period();
      out += " | " + number(100 * busy, "%.0f") + " % |\n";
    }
  return out;
}

constexpr Index kPrompt = 1024;

// Modelled seconds for `tokens` tokens of all sequences, the prefill first.
double seconds(GridShape grid, const InferenceOptions& options, int tokens) {
  DecoderConfig c = model(32, 4096, 32, 8);
  c.ffn = 14336;
  c.vocabulary = 128256;
  c.sequence = kPrompt + 8;
  c.tied = false;
  const std::vector<std::vector<std::int32_t>> prompts(
      static_cast<std::size_t>(options.groups),
      std::vector<std::int32_t>(static_cast<std::size_t>(options.sequences * kPrompt), 1));
  const RunReport report =
      run_modelled({.grid = grid, .record_trace = false}, RooflineModel(load_hardware("8xH100")),
                   [&](RankContext& ctx) {
                     InferencePipeline pipeline(ctx, c, options);
                     ctx.begin_window();
                     pipeline.generate(prompts, tokens, ctx);
                     ctx.end_window();
                   });
  return static_cast<double>(report.trace.wall_ns) * 1e-9;
}

std::string modelled() {
  const std::pair<GridShape, InferenceOptions> rows[] = {
      {{.tp = 8}, {.groups = 1, .sequences = 64, .cache = false}},
      {{.tp = 8}, {.groups = 1, .sequences = 64}},
      {{.tp = 8}, {.groups = 1, .sequences = 256}},
      {{.tp = 2, .pp = 4}, {.groups = 1, .sequences = 64}},
      {{.tp = 2, .pp = 4}, {.groups = 4, .sequences = 16}},
      {{.tp = 2, .pp = 4}, {.groups = 4, .sequences = 64}},
      {{.tp = 2, .pp = 4}, {.groups = 8, .sequences = 32}},
      {{.tp = 2, .pp = 4}, {.groups = 8, .sequences = 32, .hide_messages = true}}};
  std::string out =
      "| grid | groups of | cache | first token | every further one | tokens a second |\n"
      "|---|---|---|---|---|---|\n";
  for (const auto& [grid, options] : rows) {
    const double first = seconds(grid, options, 1);
    const double further = (seconds(grid, options, 4) - seconds(grid, options, 2)) / 2;
    out += text("| tp=", grid.tp, " pp=", grid.pp, " | ", options.groups, " x ", options.sequences,
                options.hide_messages ? ", lag 2" : "", " | ", options.cache ? "yes" : "no", " | ",
                number(first * 1e3, "%.0f"), " ms | ", number(further * 1e3, "%.2f"), " ms | ",
                number(static_cast<double>(options.groups * options.sequences) / further, "%.0f"),
                " |\n");
  }
  return out;
}

std::string computed(const std::string& directive) {
  std::istringstream words(directive);
  std::string what;
  words >> what;
  if (what == "caches") return caches();
  if (what == "ring") return ring(words);
  if (what == "periods") return periods();
  if (what == "modelled") return modelled();
  throw std::invalid_argument("docs/inference.md: computed: " + directive);
}

}  // namespace

TEST_CASE("docs/inference.md says what the code does") { check_page("inference.md", 6, computed); }

}  // namespace shardpipe
