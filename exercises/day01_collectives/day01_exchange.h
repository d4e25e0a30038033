// Exchange without deadlock: what there is to write, and what it is given.
#pragma once

#include "core/collectives/collective.h"
#include "exercises/not_written.h"

namespace shardpipe {

// n >= 2 ranks. Both functions may use
//   on.rank(), on.size()
//   send_to(peer, x), recv_from(peer, y)   a message; x and y have as many elements
//   on.exchange({message, ...}), or of a std::vector<Message>: it ends when all have arrived
//   x.slice(first, count), x.size(0)       rows of x, and how many there are; no copy
struct ExchangeAnswer {
  // Region 1. A ring: out = `in` of the rank before; of the last rank on rank 0.
  void (*shift)(const Tensor& out, const Tensor& in, const CollectiveContext& on) = nullptr;

  // Region 2. A chain: rank 0 has nobody before it, rank n-1 nobody after it. u and v are
  // [rows + 2, columns]: a halo row, the rank's own rows, a halo row.
  void (*swap_halos)(const Tensor& u, const Tensor& v, const CollectiveContext& on) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(shardpipe::ExchangeAnswer& answer);
