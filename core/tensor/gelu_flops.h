// Flops an element of GELU: each add, multiply, divide, tanh and erf counts as 1.
#pragma once

#include "core/tensor/kernels.h"

namespace shardpipe {

constexpr double gelu_flops(GeluKind kind) {
  return kind == GeluKind::tanh ? 9   // 0.5 x (1 + tanh(c (x + a x^3)))
                                : 5;  // 0.5 x (1 + erf(c x))
}

}  // namespace shardpipe
