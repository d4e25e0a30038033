// What each layer communicates, by the communicator's counters, on every rank: the tables in
// linear.h, mlp.h and vocabulary.h, and "two all-reduces a block".
#include "core/tensor_parallel/vocabulary.h"
#include "tests/support/catch.h"
#include "tests/support/layer_cases.h"

namespace shardpipe {
namespace {

constexpr LayerSizes kSizes = {.tokens = 4, .sequence = 2, .heads = 8, .head_size = 2, .ffn = 24};
constexpr Index kTD = 4 * 16 * 4, kTF = 4 * 24 * 4;  // bytes of [T,D] and [T,F]

std::string calls(const char* kind, int count, Index bytes) {
  return text("tp ", kind, " ", count, count == 1 ? " call " : " calls ", bytes, " bytes");
}
std::string all_reduces(int count, Index bytes) { return calls("all_reduce", count, bytes); }
std::string all_gathers(int count, Index bytes) { return calls("all_gather", count, bytes); }

struct Expected {
  std::string forward, backward;
};

void check(const LayerCase& c, int tp, const Expected& want) {
  INFO(c.name << ", tp " << tp);
  CHECK(traffic(c, tp, Pass::forward) == want.forward);
  CHECK(traffic(c, tp, Pass::backward) == want.backward);
}

LayerCase linear(std::function<std::unique_ptr<Layer>(RankContext&)> make, Spread x, Spread y) {
  return {.name = "linear", .make = std::move(make), .T = 4, .D = 16, .F = 24, .x = x, .y = y};
}

std::function<std::unique_ptr<Layer>(RankContext&)> column(bool gather) {
  return [=](RankContext& ctx) {
    return std::make_unique<ColumnParallelLinear>(
        ctx, std::vector<OutputPart>{{.name = "linear", .outputs = 24}}, 16,
        ColumnOptions{.gather_output = gather});
  };
}

std::function<std::unique_ptr<Layer>(RankContext&)> row(bool parallel_input) {
  return [=](RankContext& ctx) {
    return std::make_unique<RowParallelLinear>(ctx, "linear", 16, 24,
                                               RowOptions{.input_is_parallel = parallel_input});
  };
}

// 2 all-reduces of [T,D] in each direction, and nothing else but group "kv".
std::string without_kv(const std::string& all) { return all.substr(0, all.find("; kv")); }

}  // namespace

TEST_CASE("traffic: linear layers") {
  for (const int tp : {2, 4, 8}) {
    check(linear(column(false), Spread::whole, Spread::columns), tp, {"", all_reduces(1, kTD)});
    check(linear(column(true), Spread::whole, Spread::whole), tp,
          {all_gathers(1, kTF), all_reduces(1, kTD)});
    check(linear(row(true), Spread::columns, Spread::whole), tp, {all_reduces(1, kTF), ""});
    check(linear(row(false), Spread::whole, Spread::whole), tp,
          {all_reduces(1, kTF), all_gathers(1, kTD)});
  }
}

TEST_CASE("traffic: the four pairings of an MLP") {
  const Index both = kTD + kTF;
  const Expected gathered_first = {text(all_reduces(1, kTF), "; ", all_gathers(1, kTD)),
                                   text(all_reduces(1, kTF), "; ", all_gathers(1, kTD))};
  for (const LayerTable& c : mlp_cases(kSizes)) {
    if (c.layer.name.starts_with("gated")) continue;
    for (const int tp : {2, 4, 8}) switch (c.mlp.pairing) {
        case Pairing::col_row:
          check(c.layer, tp, {all_reduces(1, kTD), all_reduces(1, kTD)});
          break;
        case Pairing::col_col:
          check(c.layer, tp, {all_gathers(2, both), all_reduces(2, both)});
          break;
        case Pairing::row_col: check(c.layer, tp, gathered_first); break;
        case Pairing::row_row:
          check(c.layer, tp, {all_reduces(2, both), all_gathers(2, both)});
          break;
      }
  }
}

TEST_CASE("traffic: a gated MLP gathers [T,2F] where Mlp gathers [T,F]") {
  for (const LayerTable& c : mlp_cases(kSizes)) {
    if (!c.layer.name.starts_with("gated")) continue;
    if (c.mlp.pairing == Pairing::col_row)
      check(c.layer, 4, {all_reduces(1, kTD), all_reduces(1, kTD)});
    else
      check(c.layer, 4, {all_gathers(2, 2 * kTF + kTD), all_reduces(2, kTF + kTD)});
  }
}

TEST_CASE("traffic: a paired block makes 2 all-reduces forward and 2 backward, whatever tp is") {
  for (const LayerTable& c : block_cases(kSizes))
    for (const int tp : {2, 4, 8}) {
      if (!c.attention.paired) continue;
      INFO(c.layer.name << ", tp " << tp);
      CHECK(traffic(c.layer, tp, Pass::forward) == all_reduces(2, 2 * kTD));
      CHECK(without_kv(traffic(c.layer, tp, Pass::backward)) == all_reduces(2, 2 * kTD));
    }
}

TEST_CASE("traffic: a naive block gathers after each of its four linears") {
  for (const LayerTable& c : block_cases(kSizes)) {
    if (c.attention.paired || c.attention.kv_heads != c.attention.heads) continue;
    const bool gated = c.layer.name.starts_with("llama");
    // Forward: QKV [T,3D], out [T,D], up [T,F] (gate and up: [T,2F]), down [T,D].
    // Backward: the dx of each linear, [T,D] of QKV, out and up, [T,F] of down.
    const Index forward = 5 * kTD + (gated ? 2 : 1) * kTF, backward = 3 * kTD + kTF;
    for (const int tp : {2, 4, 8})
      check(c.layer, tp, {all_gathers(4, forward), all_reduces(4, backward)});
  }
}

TEST_CASE("traffic: naive attention gathers QKV and the output") {
  for (const LayerTable& c : attention_cases(kSizes)) {
    if (c.attention.paired || c.attention.kv_heads != c.attention.heads) continue;
    check(c.layer, 4, {all_gathers(2, 4 * kTD), all_reduces(2, 2 * kTD)});
  }
}

TEST_CASE("traffic: gradients of replicated key/value heads are summed in group kv, once a step") {
  // 2 key/value heads of 2 columns: rows of K and V on a rank: 4, each of 16 inputs.
  const Index weight = 4 * 16 * 4, bias = 4 * 4;
  for (const LayerTable& c : block_cases(kSizes)) {
    if (c.attention.kv_heads != 2) continue;
    for (const int tp : {2, 4, 8}) {
      const std::string all = traffic(c.layer, tp, Pass::backward);
      INFO(c.layer.name << ", tp " << tp << ": " << all);
      const auto kv = all.find("; kv");
      if (tp == 2)
        CHECK(kv == std::string::npos);  // a head each: nothing is replicated
      else
        CHECK(all.substr(kv) ==
              text("; kv all_reduce ",
                   c.attention.bias ? text("2 calls ", weight + bias) : text("1 call ", weight),
                   " bytes"));
    }
  }
}

TEST_CASE("traffic: embedding, head and cross entropy") {
  constexpr Index T = 6, D = 8, V = 13;  // V' = 16
  for (const int tp : {2, 4, 8}) {
    const Index TV = T * ((V + tp - 1) / tp * tp) * 4;
    auto measure = [&](int part) {
      return traffic(run_tp(tp, [&](RankContext& ctx) {
                       Parameter table = make_vocabulary_table(ctx, "table", V, D, DType::f32);
                       fill_parameter(ctx, table, integers(1));
                       VocabParallelEmbedding embedding(table, V);
                       VocabParallelHead head(table);
                       CrossEntropy loss(V, /*vocab_parallel=*/part != 4);
                       Tensor tokens = make_tokens(ctx, random_tokens(T, V, 3));
                       auto window = [&](int now, const auto& body) {
                         if (part == now) ctx.begin_window();
                         auto result = body();
                         if (part == now) ctx.end_window();
                         return result;
                       };
                       Tensor x = window(0, [&] { return embedding.forward(tokens, 0, ctx); });
                       Tensor y = window(1, [&] { return head.forward(x, 0, ctx); });
                       const int loss_part = part == 4 ? 4 : 2;
                       Tensor dy = window(loss_part, [&] {
                         loss.forward(y, tokens, 0, ctx);
                         return loss.backward(1, 0, ctx);
                       });
                       Tensor dx = window(3, [&] { return head.backward(dy, 0, ctx); });
                       window(5, [&] { return embedding.backward(dx, 0, ctx), 0; });
                       return RankResult{};
                     }).report);
    };
    INFO("tp " << tp);
    CHECK(measure(0) == all_reduces(1, T * D * 4));
    CHECK(measure(1) == "");
    CHECK(measure(2) == all_reduces(3, 3 * T * 4));  // largest, target, sum; backward: nothing
    CHECK(measure(3) == all_reduces(1, T * D * 4));
    CHECK(measure(4) == all_gathers(1, TV));
    CHECK(measure(5) == "");
  }
}

}  // namespace shardpipe
