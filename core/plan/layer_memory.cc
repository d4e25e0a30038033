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

// y of a row linear, dx of a column linear: a partial sum of all tokens, then the rank's own of it.
void make_own_part(Ledger& l, const TensorBytes& n, Use use) {
  l.make(working, n.whole);
  l.make(use, n.x);
  l.free(working, n.whole);
}

// The gradient at a row linear's output, which is `working`, is kept for its W.
void keep_dy(Ledger& l, const TensorBytes& n) {
  if (n.whole > 0)
    l.make(stash, n.whole);  // gathered, beside it
  else
    l.move(working, stash, n.x);
}

}  // namespace

void block_forward(Ledger& l, const TensorBytes& n, Use inner) {
  l.make(inner, n.x + n.stats);  // norm1(x)
  l.make(working, n.whole);      // gathered
  l.make(working, qkv(n));       // fused projection
  l.free(working, n.whole);      // norm1(x) of all tokens
  l.make(inner, n.q);            // context
  l.make(inner, qkv(n) + n.p);   // q, k, v again, by heads; p
  l.pass(working, n.q);          // P V, by heads
  l.free(working, qkv(n));
  make_own_part(l, n, inner);    // z = x + projection of context
  l.make(inner, n.x + n.stats);  // norm2(z)
  l.make(working, n.whole);      // gathered
  l.make(inner, n.up);
  l.free(working, n.whole);  // norm2(z) of all tokens
  l.make(inner, n.act);
  make_own_part(l, n, stash);  // y
}

void block_forward_only(Ledger& l, const TensorBytes& n) {
  block_forward(l, n, working);
  l.free(working, kept_by_block(n) - n.x);
}

void block_backward(Ledger& l, const TensorBytes& n, Use inner) {
  l.make(working, n.whole);  // dy gathered; dy itself stays until the end
  l.make(working, n.act);    // dact
  l.free(inner, n.act);
  l.free(working, n.whole);  // dy of all tokens
  l.make(working, n.up);     // dup
  l.free(inner, n.up);
  l.free(working, n.act);        // dact
  make_own_part(l, n, working);  // dnorm2
  l.pass(working, n.whole);      // norm2(z) gathered again, for W
  l.free(inner, n.x);            // norm2(z)
  l.free(working, n.up);         // dup
  l.make(working, n.x);          // dz
  l.free(inner, n.x + n.stats);  // z
  l.free(working, n.x);          // dnorm2
  l.make(working, n.whole);      // dz gathered
  l.make(working, n.q);          // dcontext
  l.free(inner, n.q);            // context
  l.free(working, n.whole);      // dz of all tokens
  l.make(working, qkv(n));       // dqkv
  pass_attention_gradients(l, n);
  l.free(inner, qkv(n) + n.p);   // q, k, v, p
  l.free(working, n.q);          // dcontext
  make_own_part(l, n, working);  // dnorm1
  l.pass(working, n.whole);      // norm1(x) gathered again, for W
  l.free(inner, n.x);            // norm1(x)
  l.free(working, qkv(n));       // dqkv
  l.make(working, n.x);          // dx
  l.free(stash, n.x);            // x
  l.free(inner, n.stats);
  l.free(working, 3 * n.x);  // dnorm1, dz, dy
}

void block_input_gradient(Ledger& l, const TensorBytes& n) {
  keep_dy(l, n);               // dy, for W of the down projection
  l.make(working, n.act);      // dact
  l.make(stash, n.up);         // dup, for W of the up projection
  l.free(stash, n.up);         // up
  l.free(working, n.act);      // dact
  make_own_part(l, n, stash);  // dnorm2, for W of the norm
  l.make(working, n.x);        // dz
  keep_dy(l, n);               // for W of the attention's projection
  l.make(working, n.q);        // dcontext
  l.make(stash, qkv(n));       // dqkv, for W of the fused projection
  pass_attention_gradients(l, n);
  l.free(stash, qkv(n) + n.p);                // q, k, v, p
  l.free(working, n.q);                       // dcontext
  make_own_part(l, n, stash);                 // dnorm1, for W of the norm
  l.make(working, n.x);                       // dx
  if (n.whole > 0) l.free(working, 2 * n.x);  // dz and dy of own tokens
}

void block_weight_gradient(Ledger& l, const TensorBytes& n) {
  l.free(stash, n.act + kept_dy(n));  // down
  l.pass(working, n.whole);           // norm2(z) gathered again
  l.free(stash, n.x + n.up);          // up
  l.free(stash, 2 * n.x + n.stats);   // norm2
  l.free(stash, n.q + kept_dy(n));    // projection of context
  l.pass(working, n.whole);           // norm1(x) gathered again
  l.free(stash, n.x + qkv(n));        // fused projection
  l.free(stash, 2 * n.x + n.stats);   // norm1
}

void embedding_forward(Ledger& l, const TensorBytes& n) {
  make_own_part(l, n, stash);
  l.make(stash, n.places);
  if (n.places > 0) l.pass(working, n.x);  // positions' part, before it is added
}

void embedding_input_gradient(Ledger& l, const TensorBytes& n) { l.move(working, stash, n.x); }

void embedding_weight_gradient(Ledger& l, const TensorBytes& n) {
  l.pass(working, n.whole);  // dx gathered
  l.free(stash, n.x + n.places);
  l.free(batch, n.column);  // tokens
}

void head_forward(Ledger& l, const TensorBytes& n) {
  l.make(stash, n.x + n.stats);   // norm(x)
  l.make(working, n.whole);       // gathered
  l.make(stash, n.logits);        // which become exp(logits - largest)
  l.free(working, n.whole);       // norm(x) of all tokens
  l.make(working, 2 * n.column);  // largest logit, target's logit
  l.make(stash, n.column);        // sum of exp
  l.make(batch, kLoss);
  l.free(working, 2 * n.column);
}

void head_input_gradient(Ledger& l, const TensorBytes& n) {
  l.free(stash, n.column);     // sum of exp; dlogits take the place of exp
  l.free(batch, n.column);     // targets
  make_own_part(l, n, stash);  // dnorm, for W of the norm
  l.make(working, n.x);        // dx
}

void head_weight_gradient(Ledger& l, const TensorBytes& n) {
  l.pass(working, n.whole);            // norm(x) gathered again
  l.free(stash, n.logits + n.x);       // dlogits, norm(x)
  l.free(stash, n.x + n.stats + n.x);  // x, dnorm
}

void head_backward(Ledger& l, const TensorBytes& n) {
  l.free(stash, n.column);
  l.free(batch, n.column);
  make_own_part(l, n, working);   // dnorm
  l.pass(working, n.whole);       // norm(x) gathered again
  l.free(stash, n.logits + n.x);  // dlogits, norm(x)
  l.make(working, n.x);           // dx
  l.free(stash, n.x + n.stats);   // x
  l.free(working, n.x);           // dnorm
}

}  // namespace shardpipe
