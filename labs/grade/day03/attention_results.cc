#include "labs/grade/day03/attention_results.h"

#include <algorithm>
#include <cmath>

#include "core/reference/sixteenths_kernels.h"

namespace shardpipe {
namespace {

constexpr Index T = kAttentionTokens, D = kAttentionFeatures, C = kAttentionHeadSize,
                S = kAttentionPositions;

Table zeros(Index rows, Index columns) { return {rows, columns}; }

Sized minus(Sized a, Sized b) { return {a.value - b.value, a.size + b.size}; }

// Exact numbers start afresh: what is summed next has their magnitudes for terms.
Sized settled(Sized x, bool exact) { return exact ? Sized{x.value, std::abs(x.value)} : x; }
Table settled(Table x, bool exact) {
  for (Sized& number : x.numbers) number = settled(number, exact);
  return x;
}

// Of a row of scores. What goes wrong in them is in p times twice the worst of it.
std::vector<Sized> softmax(const std::vector<Sized>& scores, bool exact) {
  std::vector<double> values;
  double largest = scores[0].value, size = 0, sum = 0;
  for (const Sized& score : scores) {
    values.push_back(score.value);
    largest = std::max(largest, score.value);
    size = std::max(size, score.size);
  }
  if (exact) values = softmax_in_sixteenths(values);
  if (!exact)
    for (double& x : values) sum += x = std::exp(x - largest);
  std::vector<Sized> p;
  for (const double x : values) {
    if (exact)
      p.push_back({x, x});
    else
      p.push_back({x / sum, x / sum * (1 + 2 * size)});
  }
  return p;
}

// One query head of one sequence: the places of its numbers in the tables.
struct OneHead {
  Index token, query, key, row;  // first token; first columns of the head; first row of p
};

std::vector<OneHead> all_heads(const AttentionSizes& sizes) {
  std::vector<OneHead> all;
  for (Index b = 0; b < kAttentionSequences; ++b)
    for (Index h = 0; h < sizes.heads; ++h)
      all.push_back(
          {b * S, h * C, h / (sizes.heads / sizes.kv_heads) * C, (b * sizes.heads + h) * S});
  return all;
}

constexpr Sized kScale = {0.5, 0.5};  // 1 / sqrt(C)

void add_forward(AttentionResults& r, const OneHead& at, bool exact) {
  for (Index i = 0; i < S; ++i) {
    std::vector<Sized> scores(static_cast<std::size_t>(i + 1));
    for (Index j = 0; j <= i; ++j)
      for (Index c = 0; c < C; ++c) {
        Sized& score = scores[static_cast<std::size_t>(j)];
        score = score + kScale * r.q(at.token + i, at.query + c) * r.k(at.token + j, at.key + c);
      }
    const std::vector<Sized> p = softmax(scores, exact);
    for (Index j = 0; j <= i; ++j) {
      r.p(at.row + i, j) = p[static_cast<std::size_t>(j)];
      for (Index c = 0; c < C; ++c) {
        Sized& sum = r.context(at.token + i, at.query + c);
        sum = sum + r.p(at.row + i, j) * r.v(at.token + j, at.key + c);
      }
    }
  }
}

void add_backward(AttentionResults& r, const OneHead& at, bool exact) {
  for (Index i = 0; i < S; ++i) {
    std::vector<Sized> dp(static_cast<std::size_t>(i + 1));
    Sized mean;
    for (Index j = 0; j <= i; ++j) {
      Sized& one = dp[static_cast<std::size_t>(j)];
      for (Index c = 0; c < C; ++c)
        one = one + r.dcontext(at.token + i, at.query + c) * r.v(at.token + j, at.key + c);
      mean = mean + r.p(at.row + i, j) * one;
    }
    for (Index j = 0; j <= i; ++j) {
      const Sized p = r.p(at.row + i, j);
      const Sized ds = settled(p * minus(dp[static_cast<std::size_t>(j)], mean), exact);
      for (Index c = 0; c < C; ++c) {
        Sized &dq = r.dq(at.token + i, at.query + c), &dk = r.dk(at.token + j, at.query + c);
        Sized& dv = r.dv(at.token + j, at.query + c);
        dq = dq + kScale * ds * r.k(at.token + j, at.key + c);
        dk = dk + kScale * ds * r.q(at.token + i, at.query + c);
        dv = dv + p * r.dcontext(at.token + i, at.query + c);
      }
    }
  }
}

}  // namespace

AttentionResults attention_results(const AttentionNumbers& of) {
  const AttentionTables& w = of.weights;
  const bool exact = is_exact(of.data);
  const Index Q = of.sizes.heads * C, K = of.sizes.kv_heads,
              rows = kAttentionSequences * of.sizes.heads * S;
  const auto project = [&](const Table& weight, const Table& bias) {
    return settled(plus_row(product(of.x, transposed(weight)), bias), exact);
  };
  AttentionResults r = {project(w.q_weight, w.q_bias),
                        project(w.k_weight, w.k_bias),
                        project(w.v_weight, w.v_bias),
                        zeros(rows, S),
                        zeros(T, Q),
                        zeros(T, D),
                        settled(product(of.dy, w.out_weight), exact),
                        zeros(T, Q),
                        zeros(T, Q),
                        zeros(T, Q),
                        zeros(T, D)};
  for (const OneHead& at : all_heads(of.sizes)) {
    add_forward(r, at, exact);
    add_backward(r, at, exact);
  }
  r.y = plus_row(product(settled(r.context, exact), transposed(w.out_weight)), w.out_bias);
  const Table dq = settled(r.dq, exact), dk = settled(by_kv_head(r.dk, K), exact);
  const Table dv = settled(by_kv_head(r.dv, K), exact);
  r.dx = plus(product(dq, w.q_weight), plus(product(dk, w.k_weight), product(dv, w.v_weight)));
  return r;
}

AttentionTables attention_gradients(const AttentionNumbers& of, const AttentionResults& r) {
  const bool exact = is_exact(of.data);
  const Index K = of.sizes.kv_heads;
  const Table dq = settled(r.dq, exact), dk = settled(by_kv_head(r.dk, K), exact);
  const Table dv = settled(by_kv_head(r.dv, K), exact);
  const auto to_weight = [&](const Table& dout) { return product(transposed(dout), of.x); };
  return {to_weight(dq),
          to_weight(dk),
          to_weight(dv),
          column_sums(dq),
          column_sums(dk),
          column_sums(dv),
          product(transposed(of.dy), settled(r.context, exact)),
          column_sums(of.dy)};
}

Table by_kv_head(const Table& x, Index count) {
  const Index each = x.columns / count / C;
  Table out(x.rows, count * C);
  for (Index t = 0; t < x.rows; ++t)
    for (Index j = 0; j < x.columns; ++j) {
      Sized& sum = out(t, j / C / each * C + j % C);
      sum = sum + x(t, j);
    }
  return out;
}

double attention_roundings(const AttentionSizes& sizes) {
  constexpr double kFunction = 16;  // of exp, a division and some products
  const Index H = sizes.heads, K = sizes.kv_heads, t = sizes.grid.tp;
  const Index forward = (D + 1) + C + S + S;                         // q, k, v, scores, softmax, PV
  const Index backward = D + C + S + S * (H / K) + (H + 2 * K) * C;  // to dx; y is a shorter way
  return static_cast<double>(forward + backward + T + t + 2) + 2 * kFunction;
}

}  // namespace shardpipe
