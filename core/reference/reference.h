// The layers and the decoder in f64, whole, on one rank, written from their formulas as plain loops
// over numbers on a tape: what float32 results on t ranks are compared with.
// Letters: T tokens, D features, F hidden features, H query heads, K key/value heads, C head
// dimension, S positions, V vocabulary.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/model/config.h"
#include "core/reference/tape.h"

namespace shardpipe {

struct Matrix {
  Index rows = 0, columns = 0;
  std::vector<Real> x = {};
  Matrix(Index r, Index c) : rows(r), columns(c), x(static_cast<std::size_t>(r * c)) {}
  Real& operator()(Index i, Index j) { return x[static_cast<std::size_t>(i * columns + j)]; }
  const Real& operator()(Index i, Index j) const {
    return x[static_cast<std::size_t>(i * columns + j)];
  }
};

// A Fill is one; in f64, so that a finite difference can be taken.
using ExactFill = std::function<double(const std::string& name, Index index)>;

// Variables of the tape by the names of the library, made on first use.
class Weights {
 public:
  Weights(Tape& tape, ExactFill fill) : tape_(tape), fill_(std::move(fill)) {}
  const Matrix& get(const std::string& name, Index rows, Index columns);
  const std::map<std::string, Matrix>& all() const { return made_; }

 private:
  Tape& tape_;
  ExactFill fill_;
  std::map<std::string, Matrix> made_;
};

// x [T,D] -> [T,F]; weights <name>.weight [F,D] and, with bias, <name>.bias [F].
Matrix reference_linear(Weights& w, const std::string& name, const Matrix& x, Index F, bool bias);
Matrix reference_norm(Weights& w, const std::string& name, const Matrix& x, NormKind kind,
                      float epsilon = kNormEpsilon);
Matrix reference_mlp(Weights& w, const std::string& name, const Matrix& x, Index F, GeluKind kind,
                     bool bias);
Matrix reference_gated_mlp(Weights& w, const std::string& name, const Matrix& x, Index F,
                           bool bias);
Matrix reference_attention(Weights& w, const std::string& name, const Matrix& x,
                           const AttentionOptions& options);
Matrix reference_block(Weights& w, const std::string& name, const Matrix& x,
                       const BlockOptions& options);
// Mean cross entropy over the tokens.
Real reference_loss(Weights& w, const DecoderConfig& config,
                    const std::vector<std::int32_t>& tokens,
                    const std::vector<std::int32_t>& targets);

// A tensor of the reference: its numbers, and the size that rounding errors are measured by.
struct Wanted {
  std::vector<double> values = {};
  double magnitude = 0;  // largest sum of |terms|
};
using WantedTensors = std::map<std::string, Wanted>;

Wanted wanted_values(const Matrix& x);
Wanted wanted_gradient(const Matrix& x, const std::vector<Adjoint>& adjoints);

}  // namespace shardpipe
