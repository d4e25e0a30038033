// What inference moves and holds, by counters: messages and bytes a token, bytes of the cache; and
// what it refuses.
#include "tests/support/catch.h"
#include "tests/support/inference_cases.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

const DecoderConfig kModel = {.layers = 4,
                              .hidden = 32,
                              .ffn = 64,
                              .heads = 8,
                              .kv_heads = 2,
                              .vocabulary = 30,
                              .sequence = 16};

class NoTime : public CostModel {
 public:
  std::int64_t duration_ns(const OpInfo&) const override { return 0; }
};

// Figures are taken on the modelled machine: they are the same on all.
RunReport run(const InferenceCase& c, const RankProgram& program) {
  return run_modelled({.grid = c.grid}, NoTime(), program);
}

struct Traffic {
  std::int64_t calls = 0, bytes = 0;
  bool operator==(const Traffic&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Traffic& t) {
  return out << t.calls << " calls " << t.bytes << " bytes";
}

Traffic traffic(const RankReport& rank, const std::string& axis, OpKind kind) {
  for (const CommCount& c : rank.communication)
    if (c.group == axis && c.kind == kind) return {c.calls, c.bytes};
  return {};
}

// What one more token of every sequence costs each rank.
class PerToken {
 public:
  explicit PerToken(const InferenceCase& c) {
    for (const int tokens : {4, 5})
      reports_.push_back(run(c, [&](RankContext& ctx) {
        InferencePipeline model(ctx, c.config, c.options);
        ctx.begin_window();
        model.generate(prompts_of(c), tokens, ctx);
        ctx.end_window();
      }));
  }
  Traffic of(int rank, const std::string& axis, OpKind kind) const {
    const auto at = static_cast<std::size_t>(rank);
    const Traffic less = traffic(reports_[0].ranks[at], axis, kind);
    const Traffic more = traffic(reports_[1].ranks[at], axis, kind);
    return {more.calls - less.calls, more.bytes - less.bytes};
  }

 private:
  std::vector<RunReport> reports_;
};

std::int64_t weight_bytes(InferencePipeline& model) {
  std::int64_t bytes = 0;
  for (const Parameter* p : model.parameters()) bytes += p->value.bytes();
  return bytes;
}

std::string refusal(const InferenceCase& c, const std::vector<std::vector<std::int32_t>>& prompts) {
  return usage_message([&] {
    run(c, [&](RankContext& ctx) {
      InferencePipeline model(ctx, c.config, c.options);
      model.generate(prompts, c.tokens, ctx);
    });
  });
}

}  // namespace

TEST_CASE("a token costs two all-reduces a layer, a few pairs, and one message a stage") {
  constexpr Index B = 3, g = 4, t = 2;
  const InferenceCase c = {.config = kModel,
                           .grid = {.tp = static_cast<int>(t), .pp = 2},
                           .options = {.groups = static_cast<int>(g), .sequences = B}};
  const PerToken per_token(c);
  constexpr Index x_bytes = B * 32 * 4;
  for (const int tp_rank : {0, 1}) {
    const int first = tp_rank, last = 2 + tp_rank;  // world ranks
    CHECK(per_token.of(first, "pp", OpKind::exchange) == Traffic{g, g * x_bytes});
    CHECK(per_token.of(last, "pp", OpKind::exchange) == Traffic{g, g * B * 4});
    // Two layers a stage; the first stage sums the embedding too, the last gathers (logit, token).
    CHECK(per_token.of(first, "tp", OpKind::all_reduce) == Traffic{5 * g, 5 * g * x_bytes});
    CHECK(per_token.of(last, "tp", OpKind::all_reduce) == Traffic{4 * g, 4 * g * x_bytes});
    CHECK(per_token.of(first, "tp", OpKind::all_gather) == Traffic{});
    CHECK(per_token.of(last, "tp", OpKind::all_gather) == Traffic{g, g * 8 * t * B});
  }
}

TEST_CASE("without a cache a message carries every position so far, and more of them each time") {
  InferenceCase c = {.config = kModel, .grid = {.pp = 2}, .options = {.groups = 2}};
  c.options.cache = false;
  // The fifth token looks at prompts of 2 and 3 and the four tokens chosen so far.
  CHECK(PerToken(c).of(0, "pp", OpKind::exchange).bytes == (2 + 4 + 3 + 4) * 32 * 4);
  CHECK(PerToken(c).of(1, "pp", OpKind::exchange).bytes == 2 * 4);
}

TEST_CASE("a rank holds its weights and 2 k C numbers a position and layer, allocated once") {
  for (const GridShape grid : {GridShape{}, {.tp = 2}, {.tp = 4}, {.pp = 2}, {.tp = 8, .pp = 4}})
    for (const bool paired : {true, false}) {
      InferenceCase c = {.config = kModel, .grid = grid, .options = {.groups = 3, .sequences = 5}};
      c.config.paired = paired;
      INFO(to_string(c) << (paired ? "" : " naive"));
      const Index kv_heads = std::max(2 / grid.tp, 1);  // a rank; replicated beyond 2 ranks
      const Index held = paired ? kv_heads : kv_heads * grid.tp;
      const Index positions = 3 * 5 * 16, layers = 4 / grid.pp, C = 4;
      std::vector<std::string> wrong;
      run(c, [&](RankContext& ctx) {
        const std::int64_t before = ctx.device.memory().live_bytes();
        InferencePipeline model(ctx, c.config, c.options);
        const auto live = [&] { return ctx.device.memory().live_bytes() - before; };
        const std::int64_t want = weight_bytes(model) + 2 * held * C * layers * positions * 4;
        if (live() != want) wrong.push_back(text("rank ", ctx.rank, " ", live(), " not ", want));
        if (live() - weight_bytes(model) != model.cache_bytes()) wrong.push_back("cache_bytes");
        model.generate(prompts_of(c), c.tokens, ctx);
        if (live() != want) wrong.push_back(text("after, rank ", ctx.rank, " ", live()));
      });
      CHECK(wrong == std::vector<std::string>{});
    }
}

TEST_CASE("refusals of inference") {
  InferenceCase c = {.config = kModel, .options = {.groups = 2, .sequences = 2}, .tokens = 6};
  CHECK(lacks(refusal(c, {{1, 2}}), {"1 groups of prompts for 2"}) == "");
  CHECK(lacks(refusal(c, {{1, 2}, {1, 2, 3}}), {"3 tokens", "2 sequences of one length"}) == "");
  CHECK(lacks(refusal(c, {{1, 2}, {}}), {"0 tokens"}) == "");
  c.tokens = 16;
  CHECK(refusal(c, {{1, 2}, {1, 2}}) == "no error");
  c.tokens = 17;
  CHECK(lacks(refusal(c, {{1, 2}, {1, 2}}),
              {"prompt of 1", "17 new tokens", "need 17 positions", "--seq is 16"}) == "");
  c.tokens = 0;
  CHECK(lacks(refusal(c, {{1, 2}, {1, 2}}), {"0 new tokens", "at least 1"}) == "");
  c.options.sequences = 0;
  CHECK(lacks(refusal(c, {{1, 2}, {1, 2}}), {"groups of 0 sequences"}) == "");
  c.options = {.groups = 0, .sequences = 1};
  CHECK(lacks(refusal(c, {}), {"0 groups", "at least 1"}) == "");
  c.options = {.groups = 1, .sequences = 1}, c.tokens = 1;
  CHECK(refusal(c, {{1}}) == "no error");
  CHECK(lacks(refusal(c, {{1}, {1}}), {"2 groups of prompts for 1"}) == "");
}

TEST_CASE("a stage refuses positions that do not fit, and starts over when told") {
  std::vector<std::string> said;
  run_on_cpu({}, [&](RankContext& ctx) {
    InferenceStage stage(ctx, kModel, {.layers = 4}, 1, 2);
    stage.fill(ctx, gpt2_init(1, kModel.layers));
    auto forward = [&](Index tokens, int group) {
      try {
        stage.forward(make_tokens(ctx, random_tokens(tokens, 30, 1)), group, ctx);
      } catch (const Error& error) {
        said.push_back(error.what());
      }
    };
    forward(2 * 15, 0);
    forward(2 * 2, 0);
    forward(3, 0);
    forward(2, 1);
    forward(2, -1);
    stage.restart(0);
    forward(2 * 16, 0);
  });
  CHECK(said ==
        std::vector<std::string>{"key/value cache: 15 positions and 2 more do not fit into 16",
                                 "key/value cache: 3 tokens are not whole positions of 2 sequences",
                                 "group 1 of sequences is not one of 1",
                                 "group -1 of sequences is not one of 1"});
}

}  // namespace shardpipe
