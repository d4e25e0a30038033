// Linear layers on integer data: sums are exact in any order, so tp = k equals tp = 1 bit for bit,
// on every rank, forward and backward. Biases are not zero.
#include <functional>

#include "core/tensor_parallel/attention.h"
#include "core/tensor_parallel/overlapped_linear.h"
#include "tests/support/catch.h"
#include "tests/support/layer_runs.h"
#include "tests/support/refuses.h"

namespace shardpipe {
namespace {

constexpr Index T = 5, D = 24, F = 48;

LayerCase column(bool gather_output, bool bias) {
  return {.name = text("column, gather ", gather_output, ", bias ", bias),
          .make =
              [=](RankContext& ctx) {
                return std::make_unique<ColumnParallelLinear>(
                    ctx, std::vector<OutputPart>{{.name = "linear", .outputs = F}}, D,
                    ColumnOptions{.bias = bias, .gather_output = gather_output});
              },
          .T = T,
          .D = D,
          .F = F,
          .y = gather_output ? Spread::whole : Spread::columns};
}

LayerCase row(bool input_is_parallel, bool bias) {
  return {.name = text("row, parallel input ", input_is_parallel, ", bias ", bias),
          .make =
              [=](RankContext& ctx) {
                return std::make_unique<RowParallelLinear>(
                    ctx, "linear", D, F,
                    RowOptions{.bias = bias, .input_is_parallel = input_is_parallel});
              },
          .T = T,
          .D = D,
          .F = F,
          .x = input_is_parallel ? Spread::columns : Spread::whole};
}

HostTensors expected(const LayerCase& c) {
  return whole_tensors(
      run_tp(1, [&](RankContext& ctx) { return run_layer(ctx, c, integers(3), integers(3)); }));
}

}  // namespace

TEST_CASE("linear layers: tp = k equals tp = 1 bit for bit") {
  for (const LayerCase& c : {column(false, true), column(true, true), column(true, false),
                             row(true, true), row(false, true), row(true, false)}) {
    const HostTensors want = expected(c);
    INFO(c.name);
    CHECK(all_zero(want).empty());
    for (const int tp : {2, 3, 4, 8})
      CHECK(first_difference(run_tp(tp,
                                    [&](RankContext& ctx) {
                                      return run_layer(ctx, c, integers(3), integers(3));
                                    }),
                             want) == "");
  }
}

TEST_CASE("one rank's linear layers are y = x W^T + b, written out") {
  const auto value = integers(3);
  for (const LayerCase& c : {column(false, true), row(true, true)}) {
    const HostTensors is = expected(c);
    auto x = [&](const char* name, Index t, Index d) { return value(name, t * D + d); };
    bool same = true;
    for (Index t = 0; t < T; ++t)
      for (Index f = 0; f < F; ++f) {
        float y = value("linear.bias", f);
        for (Index d = 0; d < D; ++d) y += x("x1", t, d) * value("linear.weight", f * D + d);
        same = same && y == is.at("y1").values[static_cast<std::size_t>(t * F + f)];
      }
    for (Index f = 0; f < F; ++f)
      for (Index d = 0; d < D; ++d) {
        float dw = 0;
        for (Index t = 0; t < T; ++t)
          dw += x("x0", t, d) * value("dy0", t * F + f) + x("x1", t, d) * value("dy1", t * F + f);
        same = same && dw == is.at("linear.weight").values[static_cast<std::size_t>(f * D + d)];
      }
    INFO(c.name);
    CHECK(same);
  }
}

TEST_CASE("fused outputs: every rank holds its share of every part") {
  const LayerCase fused = {.name = "three parts",
                           .make =
                               [](RankContext& ctx) {
                                 return std::make_unique<ColumnParallelLinear>(
                                     ctx,
                                     std::vector<OutputPart>{{.name = "q", .outputs = 24},
                                                             {.name = "k", .outputs = 12},
                                                             {.name = "v", .outputs = 12}},
                                     D, ColumnOptions{});
                               },
                           .T = T,
                           .D = D,
                           .F = F};
  for (const int tp : {1, 2, 3, 4}) {
    const TpRun run = run_tp(tp, [&](RankContext& ctx) {
      auto layer = fused.make(ctx);
      for (Parameter* p : layer->parameters()) fill_parameter(ctx, *p, integers(3));
      RankResult result;
      hold_weights(ctx, layer->parameters(), result);
      return result;
    });
    for (std::size_t rank = 0; rank < run.ranks.size(); ++rank) {
      const Held& weight = run.ranks[rank][0];
      REQUIRE(weight.pieces.size() == 3);
      Index first = 0;
      for (const Piece& piece : weight.pieces) {
        CHECK(piece.first == first);  // [Q_i | K_i | V_i]
        CHECK(piece.full_first == static_cast<Index>(rank) * piece.full[0] / tp);
        CHECK(weight.values[static_cast<std::size_t>(first * D)] ==
              integers(3)(piece.name, piece.full_first * D));
        first += piece.count;
      }
    }
  }
}

TEST_CASE("linear layers: sizes that do not divide end with a sentence") {
  for (const LayerCase& c : {column(false, true), row(true, true)}) {
    std::string message;
    try {
      run_tp(5, [&](RankContext& ctx) {
        c.make(ctx);
        return RankResult{};
      });
    } catch (const Error& e) {
      message = e.what();
      CHECK(e.code() == ExitCode::usage);
    }
    INFO(message);
    CHECK(message.find("--tp 5") != std::string::npos);
    CHECK(message.find("linear") != std::string::npos);
  }
}

TEST_CASE("features, heads and tokens on both sides of what divides") {
  const auto refused = [](const char* words, int tp, const std::function<void(RankContext&)>& f) {
    return refuses(words, [&] {
      run_tp(tp, [&](RankContext& ctx) {
        f(ctx);
        return RankResult{};
      });
    });
  };
  const auto column = [&](Index outputs, int replicas) {
    return refused("outputs do not divide among --tp 4", 4, [=](RankContext& ctx) {
      ColumnParallelLinear(ctx, {{.name = "q", .outputs = outputs, .replicas = replicas}}, D, {});
    });
  };
  for (const int replicas : {1, 2, 4}) CHECK(!column(8, replicas));
  for (const Index outputs : {7, 9}) CHECK(column(outputs, 1));
  CHECK(column(9, 2));
  CHECK(column(8, 3));
  const auto row = [&](Index inputs) {
    return refused("does not divide among --tp 4", 4,
                   [=](RankContext& ctx) { RowParallelLinear(ctx, "row", inputs, D, {}); });
  };
  CHECK(!row(8));
  CHECK(row(7));
  CHECK(row(9));
  const auto chunks = [&](int count) {
    return refused("must be at least 1", 2,
                   [=](RankContext& ctx) { OverlappedRowLinear(ctx, "row", D, 8, {}, count); });
  };
  CHECK(!chunks(1));
  CHECK(chunks(0));
  const auto attention = [&](const char* words, Index heads, float theta, Index tokens) {
    return refused(words, 1, [=](RankContext& ctx) {
      Attention layer(ctx, "attention", D,
                      {.heads = heads, .kv_heads = heads, .sequence = 4, .rotary_theta = theta});
      for (Parameter* p : layer.parameters()) fill_parameter(ctx, *p, integers(1));
      layer.forward(make_whole(ctx, "x", {tokens, D}, integers(1)), 0, ctx);
    });
  };
  CHECK(!attention("", 4, 1e4f, 4));
  CHECK(!attention("", 8, 0, 8));
  CHECK(attention("--heads 5 must divide --hidden 24", 5, 0, 4));
  CHECK(attention("even head dimension", 8, 1e4f, 4));
  CHECK(attention("3 tokens are not whole sequences of 4", 4, 0, 3));
  CHECK(attention("5 tokens are not whole sequences of 4", 4, 0, 5));
}

}  // namespace shardpipe
