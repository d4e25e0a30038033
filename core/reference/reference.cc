#include "core/reference/reference.h"

#include <algorithm>
#include <numbers>

namespace shardpipe {
namespace {

Real gelu(const Real& x, GeluKind kind) {
  if (kind == GeluKind::erf) return 0.5 * x * (1 + erf(x / std::numbers::sqrt2));
  return 0.5 * x * (1 + tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}

Real silu(const Real& x) { return x / (1 + exp(0 - x)); }

Matrix add(const Matrix& a, const Matrix& b) {
  Matrix sum(a.rows, a.columns);
  for (std::size_t i = 0; i < sum.x.size(); ++i) sum.x[i] = a.x[i] + b.x[i];
  return sum;
}

// Turns the pairs (i, i + C/2) of one head at position s by s / theta^(2i/C).
void rotate(Matrix& x, Index token, Index first, Index C, Index s, double theta) {
  for (Index i = 0; i < C / 2; ++i) {
    const double angle = static_cast<double>(s) *
                         std::pow(theta, -2 * static_cast<double>(i) / static_cast<double>(C));
    const Real a = x(token, first + i), b = x(token, first + i + C / 2);
    x(token, first + i) = a * std::cos(angle) - b * std::sin(angle);
    x(token, first + i + C / 2) = a * std::sin(angle) + b * std::cos(angle);
  }
}

void rotate_all(Matrix& x, Index C, Index S, double theta) {
  if (theta <= 0) return;
  for (Index t = 0; t < x.rows; ++t)
    for (Index first = 0; first < x.columns; first += C) rotate(x, t, first, C, t % S, theta);
}

}  // namespace

const Matrix& Weights::get(const std::string& name, Index rows, Index columns) {
  const auto found = made_.find(name);
  if (found != made_.end()) return found->second;
  Matrix m(rows, columns);
  for (std::size_t i = 0; i < m.x.size(); ++i)
    m.x[i] = tape_.variable(fill_(name, static_cast<Index>(i)));
  return made_.emplace(name, std::move(m)).first->second;
}

Matrix reference_linear(Weights& w, const std::string& name, const Matrix& x, Index F, bool bias) {
  const Matrix& weight = w.get(name + ".weight", F, x.columns);
  Matrix y(x.rows, F);
  for (Index t = 0; t < x.rows; ++t)
    for (Index f = 0; f < F; ++f) {
      Real sum = bias ? w.get(name + ".bias", 1, F)(0, f) : Real(0);
      for (Index d = 0; d < x.columns; ++d) sum = sum + x(t, d) * weight(f, d);
      y(t, f) = sum;
    }
  return y;
}

Matrix reference_norm(Weights& w, const std::string& name, const Matrix& x, NormKind kind,
                      float epsilon) {
  const Index D = x.columns;
  const double n = static_cast<double>(D);
  const Matrix& scale = w.get(name + ".scale", 1, D);
  Matrix y(x.rows, D);
  for (Index t = 0; t < x.rows; ++t) {
    Real mean = 0, square = 0;
    if (kind == NormKind::layer_norm)
      for (Index d = 0; d < D; ++d) mean = mean + x(t, d) / n;
    for (Index d = 0; d < D; ++d) square = square + (x(t, d) - mean) * (x(t, d) - mean) / n;
    for (Index d = 0; d < D; ++d) {
      y(t, d) = (x(t, d) - mean) / sqrt(square + static_cast<double>(epsilon)) * scale(0, d);
      if (kind == NormKind::layer_norm) y(t, d) = y(t, d) + w.get(name + ".bias", 1, D)(0, d);
    }
  }
  return y;
}

Matrix reference_mlp(Weights& w, const std::string& name, const Matrix& x, Index F, GeluKind kind,
                     bool bias) {
  Matrix h = reference_linear(w, name + ".up", x, F, bias);
  for (Real& number : h.x) number = gelu(number, kind);
  return reference_linear(w, name + ".down", h, x.columns, bias);
}

Matrix reference_gated_mlp(Weights& w, const std::string& name, const Matrix& x, Index F,
                           bool bias) {
  const Matrix gate = reference_linear(w, name + ".gate", x, F, bias);
  Matrix h = reference_linear(w, name + ".up", x, F, bias);
  for (std::size_t i = 0; i < h.x.size(); ++i) h.x[i] = silu(gate.x[i]) * h.x[i];
  return reference_linear(w, name + ".down", h, x.columns, bias);
}

Matrix reference_attention(Weights& w, const std::string& name, const Matrix& x,
                           const AttentionOptions& o) {
  const Index D = x.columns, C = D / o.heads, S = o.sequence;
  Matrix q = reference_linear(w, name + ".q", x, D, o.bias);
  Matrix k = reference_linear(w, name + ".k", x, o.kv_heads * C, o.bias);
  const Matrix v = reference_linear(w, name + ".v", x, o.kv_heads * C, o.bias);
  rotate_all(q, C, S, static_cast<double>(o.rotary_theta));
  rotate_all(k, C, S, static_cast<double>(o.rotary_theta));
  Matrix context(x.rows, D);
  for (Index t = 0; t < x.rows; ++t)
    for (Index h = 0; h < o.heads; ++h) {
      const Index start = t / S * S, kv = h / (o.heads / o.kv_heads) * C;
      std::vector<Real> p;  // exp(score) of the positions up to this one
      Real sum = 0;
      for (Index s = start; s <= t; ++s) {
        Real score = 0;
        for (Index c = 0; c < C; ++c) score = score + q(t, h * C + c) * k(s, kv + c);
        p.push_back(exp(score / std::sqrt(static_cast<double>(C))));
        sum = sum + p.back();
      }
      for (Index s = start; s <= t; ++s)
        for (Index c = 0; c < C; ++c)
          context(t, h * C + c) =
              context(t, h * C + c) + p[static_cast<std::size_t>(s - start)] / sum * v(s, kv + c);
    }
  return reference_linear(w, name + ".out", context, D, o.bias);
}

Matrix reference_block(Weights& w, const std::string& name, const Matrix& x,
                       const BlockOptions& o) {
  const Matrix z =
      add(x, reference_attention(w, name + ".attention",
                                 reference_norm(w, name + ".norm1", x, o.norm, o.norm_epsilon),
                                 o.attention));
  const Matrix n = reference_norm(w, name + ".norm2", z, o.norm, o.norm_epsilon);
  return add(z, o.gated ? reference_gated_mlp(w, name + ".mlp", n, o.F, o.mlp.bias)
                        : reference_mlp(w, name + ".mlp", n, o.F, o.mlp.gelu, o.mlp.bias));
}

Real reference_loss(Weights& w, const DecoderConfig& c, const std::vector<std::int32_t>& tokens,
                    const std::vector<std::int32_t>& targets) {
  const Index T = static_cast<Index>(tokens.size()), D = c.hidden, V = c.vocabulary;
  const Matrix& table = w.get("embedding.weight", V, D);
  Matrix x(T, D);
  for (Index t = 0; t < T; ++t)
    for (Index d = 0; d < D; ++d) {
      x(t, d) = table(tokens[static_cast<std::size_t>(t)], d);
      if (c.family == Family::gpt2)
        x(t, d) = x(t, d) + w.get("positions.weight", c.sequence, D)(t % c.sequence, d);
    }
  const BlockOptions o = block_options(c);
  for (int layer = 0; layer < c.layers; ++layer)
    x = reference_block(w, text("blocks.", layer), x, o);
  x = reference_norm(w, "norm", x, o.norm, o.norm_epsilon);
  const Matrix& head = c.tied ? table : w.get("head.weight", V, D);
  Real total = 0;
  for (Index t = 0; t < T; ++t) {
    Real sum = 0, target = 0;
    for (Index v = 0; v < V; ++v) {
      Real logit = 0;
      for (Index d = 0; d < D; ++d) logit = logit + x(t, d) * head(v, d);
      sum = sum + exp(logit);
      if (v == targets[static_cast<std::size_t>(t)]) target = logit;
    }
    total = total + (log(sum) - target) / static_cast<double>(T);
  }
  return total;
}

Wanted wanted_values(const Matrix& x) {
  Wanted w;
  for (const Real& number : x.x) {
    w.values.push_back(number.value);
    w.magnitude = std::max(w.magnitude, std::abs(number.value));
  }
  return w;
}

Wanted wanted_gradient(const Matrix& x, const std::vector<Adjoint>& adjoints) {
  Wanted w;
  for (const Real& number : x.x) {
    const Adjoint& a = adjoints[static_cast<std::size_t>(number.node)];
    w.values.push_back(a.value);
    w.magnitude = std::max(w.magnitude, a.magnitude);
  }
  return w;
}

}  // namespace shardpipe
