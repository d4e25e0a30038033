#include "core/plan/layer_memory.h"

namespace shardpipe {
namespace {

using enum Use;

std::int64_t qkv(const TensorBytes& n) { return n.q + 2 * n.kv; }

constexpr std::int64_t kLoss = 4;  // [1] f32

// dqkv is there; out = P V and softmax backwards: dout, dV, dP, dQ, dK pass.
void pass_attention_gradients(Ledger& l, const TensorBytes& n) {
  l.pass(working, n.q + n.kv + n.p + n.q + n.kv);
}

}  // namespace

void block_forward(Ledger& l, const TensorBytes& n, Use inner) {
  l.make(inner, n.x + n.stats);  // norm1(x)
  l.make(working, qkv(n));       // fused projection
  l.make(inner, n.q);            // context
  l.make(inner, qkv(n) + n.p);   // q, k, v again, by heads; p
  l.pass(working, n.q);          // P V, by heads
  l.free(working, qkv(n));
  l.make(inner, n.x);            // z = x + projection of context
  l.make(inner, n.x + n.stats);  // norm2(z)
  l.make(inner, n.up + n.act);
  l.make(stash, n.x);  // y
}

void block_forward_only(Ledger& l, const TensorBytes& n) {
  block_forward(l, n, working);
  l.free(working, kept_by_block(n) - n.x);
}

void block_backward(Ledger& l, const TensorBytes& n, Use inner) {
  l.make(working, n.act);  // dact, from dy, which stays until the end
  l.free(inner, n.act);
  l.make(working, n.up);  // dup
  l.free(inner, n.up);
  l.free(working, n.act);        // dact
  l.make(working, n.x);          // dnorm2
  l.free(inner, n.x);            // norm2(z)
  l.free(working, n.up);         // dup
  l.make(working, n.x);          // dz
  l.free(inner, n.x + n.stats);  // z
  l.free(working, n.x);          // dnorm2
  l.make(working, n.q);          // dcontext
  l.free(inner, n.q);            // context
  l.make(working, qkv(n));       // dqkv
  pass_attention_gradients(l, n);
  l.free(inner, qkv(n) + n.p);  // q, k, v, p
  l.free(working, n.q);         // dcontext
  l.make(working, n.x);         // dnorm1
  l.free(inner, n.x);           // norm1(x)
  l.free(working, qkv(n));      // dqkv
  l.make(working, n.x);         // dx
  l.free(stash, n.x);           // x
  l.free(inner, n.stats);
  l.free(working, 3 * n.x);  // dnorm1, dz, dy
}

void block_input_gradient(Ledger& l, const TensorBytes& n) {
  l.make(working, n.act);  // dact
  l.make(stash, n.up);     // dup, for W of the up projection
  l.free(stash, n.up);     // up
  l.free(working, n.act);  // dact
  l.make(stash, n.x);      // dnorm2, for W of the norm
  l.make(stash, n.x);      // dz, for W of the attention's projection
  l.make(working, n.q);    // dcontext
  l.make(stash, qkv(n));   // dqkv, for W of the fused projection
  pass_attention_gradients(l, n);
  l.free(stash, qkv(n) + n.p);  // q, k, v, p
  l.free(working, n.q);         // dcontext
  l.make(stash, n.x);           // dnorm1, for W of the norm
  l.move(working, stash, n.x);  // dy, for W of the down projection
  l.make(working, n.x);         // dx
}

void block_weight_gradient(Ledger& l, const TensorBytes& n) { l.free(stash, kept_for_weights(n)); }

void embedding_forward(Ledger& l, const TensorBytes& n) {
  l.make(stash, n.x + n.places);
  if (n.places > 0) l.pass(working, n.x);  // positions' part, before it is added
}

void embedding_input_gradient(Ledger& l, const TensorBytes& n) { l.move(working, stash, n.x); }

void embedding_weight_gradient(Ledger& l, const TensorBytes& n) {
  l.free(stash, n.x + n.places);
  l.free(batch, n.column);  // tokens
}

void head_forward(Ledger& l, const TensorBytes& n) {
  l.make(stash, n.x + n.stats);   // norm(x)
  l.make(stash, n.logits);        // which become exp(logits - largest)
  l.make(working, 2 * n.column);  // largest logit, target's logit
  l.make(stash, n.column);        // sum of exp
  l.make(batch, kLoss);
  l.free(working, 2 * n.column);
}

void head_input_gradient(Ledger& l, const TensorBytes& n) {
  l.free(stash, n.column);  // sum of exp; dlogits take the place of exp
  l.free(batch, n.column);  // targets
  l.make(stash, n.x);       // dnorm, for W of the norm
  l.make(working, n.x);     // dx
}

void head_weight_gradient(Ledger& l, const TensorBytes& n) {
  l.free(stash, n.logits + n.x);       // dlogits, norm(x)
  l.free(stash, n.x + n.stats + n.x);  // x, dnorm
}

void head_backward(Ledger& l, const TensorBytes& n) {
  l.free(stash, n.column);
  l.free(batch, n.column);
  l.make(working, n.x);           // dnorm
  l.free(stash, n.logits + n.x);  // dlogits, norm(x)
  l.make(working, n.x);           // dx
  l.free(stash, n.x + n.stats);   // x
  l.free(working, n.x);           // dnorm
}

}  // namespace shardpipe
