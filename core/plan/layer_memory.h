// What the layers of a decoder allocate and let go, tensor by tensor, in the order of their code in
// core/tensor_parallel and core/model. Letters and sizes: tensor_bytes.h.
//
// Conventions, as in the layers: x, a layer's input, is `stash` before and after its forward; y is
// made as `stash`, for the next layer keeps it as its x. dy, the gradient at a layer's output, is
// `working` before backward, and dx after it. `inner` is what a block keeps besides x: stash, or
// working where the block is recomputed.
#pragma once

#include "core/plan/ledger.h"
#include "core/plan/tensor_bytes.h"

namespace shardpipe {

void block_forward(Ledger& ledger, const TensorBytes& n, Use inner);
void block_backward(Ledger& ledger, const TensorBytes& n, Use inner);  // both halves: frees x too
void block_input_gradient(Ledger& ledger, const TensorBytes& n);       // I; inner is stash
void block_weight_gradient(Ledger& ledger, const TensorBytes& n);      // W

// The forward of a block whose y is all that stays: recomputation.
void block_forward_only(Ledger& ledger, const TensorBytes& n);

void embedding_forward(Ledger& ledger, const TensorBytes& n);
void embedding_input_gradient(Ledger& ledger, const TensorBytes& n);
void embedding_weight_gradient(Ledger& ledger, const TensorBytes& n);

// Norm, head and loss. There is no dy.
void head_forward(Ledger& ledger, const TensorBytes& n);
void head_backward(Ledger& ledger, const TensorBytes& n);
void head_input_gradient(Ledger& ledger, const TensorBytes& n);
void head_weight_gradient(Ledger& ledger, const TensorBytes& n);

}  // namespace shardpipe
