// The twins of tp_style.h: each gives the plain one's result bit for bit, sends what its header
// says, waits for what it must and for nothing else, and keeps the memory it promises.
#include "core/tensor_parallel/parallel_block.h"
#include "core/tensor_parallel/tp_style.h"
#include "tests/support/layer_cases.h"
#include "tests/support/usage_error.h"
#include "tests/tensor_parallel/exact_layer.h"

namespace shardpipe {
namespace {

constexpr TpStyle kTwins[] = {TpStyle::overlapped, TpStyle::sequence_parallel,
                              TpStyle::sequence_overlapped, TpStyle::collective_matmul};

Spread rows_if_split(TpStyle style) { return splits_tokens(style) ? Spread::rows : Spread::whole; }

constexpr Index T = 16, D = 24, F = 48;

LayerCase column_case(TpTwin twin) {
  return {.name = text("column ", name_of(twin.style)),
          .make =
              [=](RankContext& ctx) {
                return make_column(ctx, {{.name = "linear", .outputs = F}}, D, {}, twin);
              },
          .T = T,
          .D = D,
          .F = F,
          .x = rows_if_split(twin.style),
          .y = Spread::columns};
}

LayerCase row_case(TpTwin twin, Index tokens = T) {
  return {.name = text("row ", name_of(twin.style), " chunks ", twin.chunks),
          .make = [=](RankContext& ctx) { return make_row(ctx, "linear", D, F, {}, twin); },
          .T = tokens,
          .D = D,
          .F = F,
          .x = Spread::columns,
          .y = rows_if_split(twin.style)};
}

// A block of one family in a style, on LayerSizes.
LayerCase block_case(TpTwin twin, Family family, Index kv_heads, const LayerSizes& s = {}) {
  DecoderConfig model = model_of(s, family, kv_heads);
  model.twin = twin;
  const BlockOptions o = block_options(model);
  return {.name = text(name_of(family), " block ", name_of(twin.style)),
          .make = [=](RankContext& ctx) { return std::make_unique<TransformerBlock>(ctx, 0, o); },
          .T = s.tokens,
          .D = o.D,
          .F = o.D,
          .x = rows_if_split(twin.style),
          .y = rows_if_split(twin.style)};
}

}  // namespace

TEST_CASE("linears: every style gives the plain one's numbers, on 1, 2, 4 and 8 ranks") {
  for (const TpStyle style : kTwins) {
    check_equal(column_case({.style = style}), column_case({}), {1, 2, 4, 8});
    check_equal(row_case({.style = style}), row_case({}), {1, 2, 4, 8});
  }
}

TEST_CASE("row linear in pieces: any number of them, more than there are rows, 3 ranks") {
  for (const int chunks : {1, 2, 3, 7, 100})
    check_equal(row_case({.style = TpStyle::overlapped, .chunks = chunks}), row_case({}), {2, 3});
}

TEST_CASE("rings of 3 ranks") {
  for (const TpStyle style : {TpStyle::sequence_parallel, TpStyle::collective_matmul})
    check_equal(row_case({.style = style}, 18), row_case({}, 18), {3});
}

TEST_CASE("blocks: every style gives the plain one's numbers, all gradients, norms among them") {
  for (const TpStyle style : kTwins)
    for (const Family family : {Family::gpt2, Family::llama})
      for (const Index kv_heads : {24, 2})
        check_equal(block_case({.style = style}, family, kv_heads),
                    block_case({}, family, kv_heads), {1, 2, 4, 8});
}

TEST_CASE("selective recomputation gives the same numbers and keeps no softmax") {
  for (const bool paired : {true, false}) {
    const auto attention = [&](bool recompute) {
      const AttentionOptions o{.heads = 8,
                               .kv_heads = 2,
                               .sequence = 8,
                               .rotary_theta = 3,
                               .paired = paired,
                               .recompute_softmax = recompute};
      return LayerCase{
          .name = "attention",
          .make = [=](RankContext& ctx) { return std::make_unique<Attention>(ctx, "a", 32, o); },
          .T = T,
          .D = 32,
          .F = 32};
    };
    check_equal(attention(true), attention(false), {1, 2, 4, 8});
  }
}

TEST_CASE("parallel block: tp = k equals tp = 1, and it is one all-reduce a pass") {
  for (const Family family : {Family::gpt2, Family::llama}) {
    const LayerSizes s;
    BlockOptions o = block_options(model_of(s, family, 2));
    o.attention.bias = o.mlp.bias = false;
    const LayerCase c = {
        .name = "parallel block",
        .make = [=](RankContext& ctx) { return std::make_unique<ParallelBlock>(ctx, 0, o); },
        .T = s.tokens,
        .D = o.D,
        .F = o.D};
    check_equal(c, c, {2, 4, 8});
    const Index bytes = s.tokens * o.D * 4;
    CHECK(traffic(c, 2, Pass::forward) == text("tp all_reduce 1 call ", bytes, " bytes"));
    CHECK(traffic(c, 2, Pass::backward) == text("tp all_reduce 1 call ", bytes, " bytes"));
  }
}

TEST_CASE("a parallel block refuses either bias: it would be added t times") {
  const auto refused = [](bool of_attention, bool of_mlp) {
    const LayerSizes s;
    BlockOptions o = block_options(model_of(s, Family::gpt2, 2));
    o.attention.bias = of_attention;
    o.mlp.bias = of_mlp;
    try {
      run_tp(1, [&](RankContext& ctx) {
        ParallelBlock(ctx, 0, o);
        return RankResult{};
      });
    } catch (const Error& e) {
      return std::string(e.what()).find("added t times") != std::string::npos;
    }
    return false;
  };
  CHECK(refused(true, false));
  CHECK(refused(false, true));
  CHECK_FALSE(refused(false, false));
}

TEST_CASE("what does not fit is refused") {
  const auto refusal = [](int tp, const LayerCase& c) {
    return usage_message([&] { run(tp, c); });
  };
  CHECK(lacks(refusal(3, row_case({.style = TpStyle::sequence_parallel})), {"tokens 16", "3"}) ==
        "");
  CHECK(lacks(refusal(3, row_case({.style = TpStyle::collective_matmul})), {"tokens 16", "3"}) ==
        "");
  CHECK(lacks(refusal(2, row_case({.style = TpStyle::overlapped, .chunks = 0})), {"--chunks 0"}) ==
        "");
  CHECK(lacks(usage_message([] { parse_tp_style("fast"); }), {"fast", "plain", "overlapped"}) ==
        "");
}

// ---- what they send

namespace {

constexpr LayerSizes kSizes = {.tokens = 8, .sequence = 4, .heads = 8, .head_size = 2, .ffn = 24};
constexpr Index kTD = 8 * 16 * 4;  // bytes of [T,D]

std::string calls(const char* kind, int count, Index bytes) {
  return text("tp ", kind, " ", count, count == 1 ? " call " : " calls ", bytes, " bytes");
}

}  // namespace

TEST_CASE("traffic of a block: the same bytes, as all-reduces, in halves, or in rings") {
  for (const int tp : {2, 4, 8}) {
    INFO("tp " << tp);
    const auto traffic_of = [&](TpTwin twin, Pass pass) {
      return traffic(block_case(twin, Family::llama, 8, kSizes), tp, pass);
    };
    CHECK(traffic_of({}, Pass::forward) == calls("all_reduce", 2, 2 * kTD));
    for (const int chunks : {1, 4})
      CHECK(traffic_of({.style = TpStyle::overlapped, .chunks = chunks}, Pass::forward) ==
            calls("all_reduce", 2 * chunks, 2 * kTD));
    CHECK(traffic_of({.style = TpStyle::overlapped}, Pass::backward) ==
          calls("all_reduce", 2, 2 * kTD));
    for (const TpStyle style : {TpStyle::sequence_parallel, TpStyle::sequence_overlapped}) {
      CHECK(traffic_of({.style = style}, Pass::forward) ==
            text(calls("all_gather", 2, 2 * kTD), "; ", calls("reduce_scatter", 2, 2 * kTD)));
      // Backward: two gathers of dy, two of x for dW; the norms' weights [D] once a step.
      CHECK(traffic_of({.style = style}, Pass::backward) ==
            text(calls("all_gather", 4, 4 * kTD), "; ", calls("reduce_scatter", 2, 2 * kTD), "; ",
                 calls("all_reduce", 2, 2 * 16 * 4)));
    }
    // 4 rings of t - 1 messages of T/t rows.
    CHECK(traffic_of({.style = TpStyle::collective_matmul}, Pass::forward) ==
          calls("exchange", 4 * (tp - 1), 4 * (tp - 1) * kTD / tp));
    CHECK(traffic_of({.style = TpStyle::collective_matmul}, Pass::backward) ==
          text(calls("exchange", 6 * (tp - 1), 6 * (tp - 1) * kTD / tp), "; ",
               calls("all_reduce", 2, 2 * 16 * 4)));
  }
}

TEST_CASE("forward of sequence parallelism sends the bytes of plain tensor parallelism") {
  const auto wire = [](TpTwin twin) {
    std::int64_t bytes = 0;
    run_tp(4, [&](RankContext& ctx) -> RankResult {
      const LayerCase c = block_case(twin, Family::llama, 8, kSizes);
      auto layer = c.make(ctx);
      for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, integers(1));
      const bool rows = c.x == Spread::rows;
      Tensor x = rows ? make_rows(ctx, "x", c.T, c.D, integers(1))
                      : make_whole(ctx, "x", {c.T, c.D}, integers(1));
      layer->forward(x, 0, ctx);
      if (ctx.rank == 0)
        for (const CommCount& count : ctx.tp.counters().counts()) bytes += count.wire_bytes;
      return {};
    });
    return bytes;
  };
  const std::int64_t plain = wire({});
  CHECK(plain == 2 * 2 * 3 * kTD / 4);
  CHECK(wire({.style = TpStyle::overlapped}) == plain);
  CHECK(wire({.style = TpStyle::sequence_parallel}) == plain);
  CHECK(wire({.style = TpStyle::collective_matmul}) == plain);
}

}  // namespace shardpipe
