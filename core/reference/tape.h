// Gradients in f64 by the chain rule and nothing else: every scalar operation notes its two partial
// derivatives on a tape, which is then read backwards (Griewank and Walther, Evaluating
// Derivatives, chapter 3). Slow and short, so that there is little to get wrong.
#pragma once

#include <cmath>
#include <vector>

namespace shardpipe {

class Tape;

// A number; on a tape unless it is a constant.
struct Real {
  double value = 0;
  Tape* tape = nullptr;
  int node = -1;
  Real() = default;
  Real(double constant) : value(constant) {}  // NOLINT: constants mix with numbers
  Real(double v, Tape* t, int n) : value(v), tape(t), node(n) {}
};

// d(result) / d(node), and the same sum with the magnitude of each term of the last step: what the
// rounding error of a float sum is measured by.
struct Adjoint {
  double value = 0, magnitude = 0;
};

class Tape {
 public:
  Real variable(double value) { return make(value, -1, 0, -1, 0); }
  Real make(double value, int a, double da, int b, double db) {
    nodes_.push_back({a, b, da, db});
    return {value, this, static_cast<int>(nodes_.size()) - 1};
  }
  std::vector<Adjoint> adjoints(const Real& result) const {
    std::vector<Adjoint> all(nodes_.size());
    if (result.node < 0) return all;
    all[static_cast<std::size_t>(result.node)] = {1, 1};
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      const Node& n = nodes_[i];
      auto pass = [&](int to, double partial) {
        if (to < 0) return;
        Adjoint& adjoint = all[static_cast<std::size_t>(to)];
        adjoint.value += partial * all[i].value;
        adjoint.magnitude += std::abs(partial * all[i].value);
      };
      pass(n.a, n.da);
      pass(n.b, n.db);
    }
    return all;
  }

 private:
  struct Node {
    int a, b;
    double da, db;
  };
  std::vector<Node> nodes_;
};

inline Real binary(double value, const Real& a, double da, const Real& b, double db) {
  Tape* tape = a.tape != nullptr ? a.tape : b.tape;
  if (tape == nullptr) return value;
  return tape->make(value, a.node, da, b.node, db);
}
inline Real unary(double value, const Real& a, double da) { return binary(value, a, da, {}, 0); }

inline Real operator+(const Real& a, const Real& b) {
  return binary(a.value + b.value, a, 1, b, 1);
}
inline Real operator-(const Real& a, const Real& b) {
  return binary(a.value - b.value, a, 1, b, -1);
}
inline Real operator*(const Real& a, const Real& b) {
  return binary(a.value * b.value, a, b.value, b, a.value);
}
inline Real operator/(const Real& a, const Real& b) {
  return binary(a.value / b.value, a, 1 / b.value, b, -a.value / (b.value * b.value));
}
inline Real exp(const Real& x) { return unary(std::exp(x.value), x, std::exp(x.value)); }
inline Real log(const Real& x) { return unary(std::log(x.value), x, 1 / x.value); }
inline Real sqrt(const Real& x) { return unary(std::sqrt(x.value), x, 0.5 / std::sqrt(x.value)); }
inline Real tanh(const Real& x) {
  const double t = std::tanh(x.value);
  return unary(t, x, 1 - t * t);
}
inline Real erf(const Real& x) {
  return unary(std::erf(x.value), x, 2 / std::sqrt(std::acos(-1.0)) * std::exp(-x.value * x.value));
}

}  // namespace shardpipe
