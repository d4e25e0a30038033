#include "core/collectives/gather.h"

#include <algorithm>

namespace shardpipe {
namespace {

int wrapped(int i, int n) { return (i % n + n) % n; }

bool is_same_memory(const Tensor& a, const Tensor& b) {
  const Operand x = a.read(), y = b.read();
  return x.buffer == y.buffer && x.offset == y.offset && x.bytes == y.bytes;
}

void copy_unless_same(const Tensor& out, const Tensor& in, const CollectiveContext& on) {
  if (!is_same_memory(out, in)) on.math.copy(out, in, on.here());
}

void check_elements(const char* what, const Tensor& full, const Tensor& part, int n) {
  if (full.elements() != part.elements() * n || full.dtype() != part.dtype())
    fail(text(what, ": ", n, " ranks of ", part.shape(), " ", name_of(part.dtype()),
              " do not make ", full.shape(), " ", name_of(full.dtype())));
}

// Bruck's blocks: block i of rank r is the part of rank r + i. Blocks 0 .. d-1 are there before the
// step of distance d, which doubles them.
int blocks_moved(int d, int n) { return std::min(d, n - d); }

void all_gather_bruck(Tensor out, Tensor in, const CollectiveContext& plain, Where where) {
  const CollectiveContext on = plain.named("all_gather bruck", where);
  const int n = on.size(), rank = on.rank();
  Tensor blocks(on.device, {n, in.elements()}, in.dtype());  // [n,S/n]
  on.math.copy(blocks.slice(0, 1), in, on.here());
  for (int d = 1; d < n; d *= 2) {
    const int m = blocks_moved(d, n);
    on.exchange({send_to(wrapped(rank - d, n), blocks.slice(0, m)),
                 recv_from(wrapped(rank + d, n), blocks.slice(d, m))});
  }
  const Tensor parts = out.reshape({n, in.elements()});
  on.math.copy(parts.slice(rank, n - rank), blocks.slice(0, n - rank), on.here());
  if (rank > 0) on.math.copy(parts.slice(0, rank), blocks.slice(n - rank, rank), on.here());
}

void reduce_scatter_bruck(Tensor out, Tensor in, ReduceOp op, const CollectiveContext& plain,
                          Where where) {
  const CollectiveContext on = plain.named("reduce_scatter bruck", where);
  const int n = on.size(), rank = on.rank();
  const Index part = out.elements();
  const Tensor parts = in.reshape({n, part});
  Tensor blocks(on.device, {n, part}, in.dtype()), theirs(on.device, {n / 2, part}, in.dtype());
  on.math.copy(blocks.slice(0, n - rank), parts.slice(rank, n - rank), on.here());
  if (rank > 0) on.math.copy(blocks.slice(n - rank, rank), parts.slice(0, rank), on.here());
  int d = 1;
  while (2 * d < n) d *= 2;
  for (; d >= 1; d /= 2) {
    const int m = blocks_moved(d, n);
    const Tensor mine = blocks.slice(0, m), got = theirs.slice(0, m);
    on.exchange(
        {send_to(wrapped(rank + d, n), blocks.slice(d, m)), recv_from(wrapped(rank - d, n), got)});
    on.math.reduce_local(mine, mine, got, op, on.here());
  }
  on.math.copy(out, blocks.slice(0, 1), on.here());
}

}  // namespace

const char* name_of(GatherAlgorithm algorithm) {
  switch (algorithm) {
    case GatherAlgorithm::ring: return "ring";
    case GatherAlgorithm::bruck: return "bruck";
    case GatherAlgorithm::direct: return "direct";
  }
  return "?";
}

const std::vector<GatherAlgorithm>& gather_algorithms() {
  static const std::vector<GatherAlgorithm> all = {GatherAlgorithm::ring, GatherAlgorithm::bruck,
                                                   GatherAlgorithm::direct};
  return all;
}

GatherAlgorithm parse_gather_algorithm(std::string_view name) {
  std::string names;
  for (const GatherAlgorithm a : gather_algorithms()) {
    if (name == name_of(a)) return a;
    names += (names.empty() ? "" : ", ") + std::string(name_of(a));
  }
  usage_error(text("no algorithm '", name, "' (allowed: ", names, ")"));
}

void all_gather(Tensor out, Tensor in, GatherAlgorithm algorithm, const CollectiveContext& plain,
                Where where) {
  const CollectiveContext on = plain.called(where);
  check_elements("all_gather", out, in, on.size());
  if (out.elements() == 0) return;
  const Parts parts(out, on.size());
  if (algorithm == GatherAlgorithm::bruck && on.size() > 1) {
    all_gather_bruck(out, in, on, where);
    return;
  }
  copy_unless_same(parts[on.rank()], in, on);
  if (algorithm == GatherAlgorithm::ring) all_gather_ring(parts, on);
  if (algorithm == GatherAlgorithm::direct) all_gather_direct(parts, on);
}

void reduce_scatter(Tensor out, Tensor in, ReduceOp op, GatherAlgorithm algorithm,
                    const CollectiveContext& plain, Where where) {
  const CollectiveContext on = plain.called(where);
  check_elements("reduce_scatter", in, out, on.size());
  if (in.elements() == 0) return;
  const Parts parts(in, on.size());
  if (on.size() == 1)
    copy_unless_same(out, in, on);
  else if (algorithm == GatherAlgorithm::ring)
    reduce_scatter_ring(flat(out), parts, op, on);
  else if (algorithm == GatherAlgorithm::direct)
    reduce_scatter_direct(flat(out), parts, op, on);
  else
    reduce_scatter_bruck(out, in, op, on, where);
}

void all_gather_ring(const Parts& parts, const CollectiveContext& plain, Where where) {
  const CollectiveContext on = plain.named("all_gather ring", where);
  const int n = on.size(), rank = on.rank();
  const int next = wrapped(rank + 1, n), previous = wrapped(rank - 1, n);
  for (int step = 0; step < n - 1; ++step)
    on.exchange({send_to(next, parts[wrapped(rank - step, n)]),
                 recv_from(previous, parts[wrapped(rank - step - 1, n)])});
}

void all_gather_direct(const Parts& parts, const CollectiveContext& plain, Where where) {
  const CollectiveContext on = plain.named("all_gather direct", where);
  std::vector<Message> messages;
  for (int peer = 0; peer < on.size(); ++peer) {
    if (peer == on.rank()) continue;
    messages.push_back(send_to(peer, parts[on.rank()]));
    messages.push_back(recv_from(peer, parts[peer]));
  }
  on.exchange(messages);
}

// The sum of part j travels from rank j+1 around to rank j; every rank on its way adds its own.
void reduce_scatter_ring(Tensor out, const Parts& in, ReduceOp op, const CollectiveContext& plain,
                         Where where) {
  const CollectiveContext on = plain.named("reduce_scatter ring", where);
  const int n = on.size(), rank = on.rank();
  const int next = wrapped(rank + 1, n), previous = wrapped(rank - 1, n);
  Tensor buffers(on.device, {2, in.longest()}, in.dtype());  // one leaves while the other arrives
  Tensor partial = in[previous];
  for (int step = 0; step < n - 1; ++step) {
    const Tensor mine = in[wrapped(rank - step - 2, n)];
    const Tensor got = flat(buffers.slice(step % 2, 1)).slice(0, mine.elements());
    on.exchange({send_to(next, partial), recv_from(previous, got)});
    partial = step == n - 2 ? out : got;
    on.math.reduce_local(partial, got, mine, op, on.here());
  }
}

void reduce_scatter_direct(Tensor out, const Parts& in, ReduceOp op, const CollectiveContext& plain,
                           Where where) {
  const CollectiveContext on = plain.named("reduce_scatter direct", where);
  const Tensor mine = in[on.rank()];
  Tensor theirs(on.device, {on.size() - 1, mine.elements()}, in.dtype());
  std::vector<Message> messages;
  std::vector<Tensor> terms;
  for (int peer = 0; peer < on.size(); ++peer) {
    if (peer == on.rank()) {
      terms.push_back(mine);
      continue;
    }
    terms.push_back(flat(theirs.slice(peer < on.rank() ? peer : peer - 1, 1)));
    messages.push_back(send_to(peer, in[peer]));
    messages.push_back(recv_from(peer, terms.back()));
  }
  on.exchange(messages);
  reduce_in_rank_order(out, terms, op, on);
}

}  // namespace shardpipe
