#include "core/backends/cuda/peer_transport.h"

#include <algorithm>

#include "core/backends/cuda/reduce.h"

namespace shardpipe::cuda {
namespace {

Offer offer_of(const CommCall& call) {
  const View& same = call.kind == OpKind::all_gather ? call.in : call.out;
  return {.kind = call.kind,
          .dtype = same.dtype,
          .reduce = call.reduce,
          .root = call.root,
          .bytes = call.kind == OpKind::barrier ? 0 : same.bytes(),
          .out = call.out.data,
          .in = call.in.data,
          .where = call.where};
}

std::string describe(const Offer& offer) {
  return text(name_of(offer.kind), " of ", offer.bytes, " bytes ", name_of(offer.dtype),
              offer.reduce == ReduceOp::max ? ", max" : "",
              offer.root < 0 ? "" : text(", root ", offer.root), offer.where.words(" (", ")"));
}

void copy_bytes(std::byte* out, const std::byte* in, std::int64_t bytes, CudaStream& stream) {
  if (out != in && bytes > 0)
    check(cudaMemcpyAsync(out, in, static_cast<std::size_t>(bytes), cudaMemcpyDefault,
                          stream.handle()));
}

}  // namespace

PeerTransport::PeerTransport(CudaDevice& device, std::shared_ptr<PeerGroup> group, Open open)
    : device_(device), peers_(std::move(group)), open_(std::move(open)) {
  const std::vector<int>& ranks = peers_->group.ranks;
  rank_ = static_cast<int>(std::find(ranks.begin(), ranks.end(), device.rank()) - ranks.begin());
  if (size() > kMaxPeers)
    fail(text("a group of ", size(), " ranks: the peer transport has room for ", kMaxPeers));
  seat(rank_).inputs = make_event_handle(Timing::no);
  seat(rank_).outputs = make_event_handle(Timing::no);
}

void PeerTransport::run(const CommCall& call, Stream& stream) {
  CudaStream& s = native(stream);
  if (call.kind == OpKind::exchange) return run_exchange(call, s);
  auto kept = std::make_shared<const CommCall>(call);
  hold_for_turn(call.turn, s, [this, kept, &s] { bring(*kept, s); });
  s.hold({.done = [this, kept, &s] { return write(*kept, s); },
          .held_by = [this, kept] { return held_by(*kept, &PeerGroup::Seat::brought); }});
  s.hold({.done = [this, kept, &s] { return leave(*kept, s); },
          .held_by = [this, kept] { return held_by(*kept, &PeerGroup::Seat::written); }});
}

// Operations of one communicator run one after another, also on two streams (NCCL's rule).
void PeerTransport::hold_for_turn(std::int64_t turn, CudaStream& stream,
                                  std::function<void()> begin) {
  stream.hold({.done =
                   [this, turn, &stream, begin = std::move(begin)] {
                     if (turn != next_turn_) return false;
                     if (turn > 0) check(cudaStreamWaitEvent(stream.handle(), last_call_.get(), 0));
                     begin();
                     return true;
                   },
               .held_by =
                   [this, turn] {
                     return text("waits in call #", turn, " of ", peers_->group.label(),
                                 " for its own call #", next_turn_);
                   }});
}

void PeerTransport::end_call(CudaStream& stream) {
  check(cudaEventRecord(last_call_.get(), stream.handle()));
  ++next_turn_;
}

void PeerTransport::bring(const CommCall& call, CudaStream& stream) {
  check(cudaEventRecord(seat(rank_).inputs.get(), stream.handle()));
  const std::lock_guard lock(peers_->mutex);
  seat(rank_).offer = offer_of(call);
  seat(rank_).brought = call.sequence + 1;
}

bool PeerTransport::write(const CommCall& call, CudaStream& stream) {
  {
    const std::lock_guard lock(peers_->mutex);
    for (const PeerGroup::Seat& s : peers_->seats)
      if (s.brought <= call.sequence) return false;
    check_offers(call);
  }
  // From here on offers are read without the lock: nobody brings the next one before all leave.
  for (int r = 0; r < size(); ++r)
    if (r != rank_) check(cudaStreamWaitEvent(stream.handle(), seat(r).inputs.get(), 0));
  enqueue(call, stream);
  check(cudaEventRecord(seat(rank_).outputs.get(), stream.handle()));
  const std::lock_guard lock(peers_->mutex);
  seat(rank_).written = call.sequence + 1;
  return true;
}

bool PeerTransport::leave(const CommCall& call, CudaStream& stream) {
  {
    const std::lock_guard lock(peers_->mutex);
    for (const PeerGroup::Seat& s : peers_->seats)
      if (s.written <= call.sequence) return false;
  }
  for (int r = 0; r < size(); ++r)
    if (r != rank_) check(cudaStreamWaitEvent(stream.handle(), seat(r).outputs.get(), 0));
  end_call(stream);
  return true;
}

void PeerTransport::check_offers(const CommCall& call) const {
  const Offer& mine = seat(rank_).offer;
  for (int r = 0; r < size(); ++r) {
    const Offer& other = seat(r).offer;
    if (other.kind != mine.kind || other.dtype != mine.dtype || other.reduce != mine.reduce ||
        other.root != mine.root || other.bytes != mine.bytes)
      fail(ExitCode::wrong, text("collective #", call.sequence, " of ", peers_->group.label(),
                                 ": rank ", world(rank_), " calls ", describe(mine), ", rank ",
                                 world(r), " calls ", describe(other)));
  }
}

void PeerTransport::enqueue(const CommCall& call, CudaStream& stream) const {
  PeerPointers out{.count = size()}, in{.count = size()};
  for (int r = 0; r < size(); ++r) {
    out.at[r] = seat(r).offer.out;
    in.at[r] = seat(r).offer.in;
  }
  const Index n = call.out.elements();
  switch (call.kind) {
    case OpKind::all_reduce: {
      const Index first = n * rank_ / size(), last = n * (rank_ + 1) / size();
      return reduce(out, first, out, first, last - first, call.out.dtype, call.reduce, stream);
    }
    case OpKind::reduce_scatter: {
      const PeerPointers mine{.at = {call.out.data}, .count = 1};
      return reduce(mine, 0, in, n * rank_, n, call.out.dtype, call.reduce, stream);
    }
    case OpKind::all_gather:
      for (int r = 0; r < size(); ++r)
        copy_bytes(call.out.data + call.in.bytes() * r, in.at[r], call.in.bytes(), stream);
      return;
    case OpKind::broadcast:
      return copy_bytes(call.out.data, out.at[call.root], call.out.bytes(), stream);
    default: return;  // barrier: the waits are all
  }
}

std::string PeerTransport::held_by(const CommCall& call,
                                   std::int64_t PeerGroup::Seat::*count) const {
  const std::lock_guard lock(peers_->mutex);
  std::string missing;
  for (int r = 0; r < size(); ++r)
    if (seat(r).*count <= call.sequence)
      missing += text(missing.empty() ? "" : " and ", "rank ", world(r));
  return text("waits in ", name_of(call.kind), " #", call.sequence, " of ", peers_->group.label(),
              " for ", missing, call.where.words(" (", ")"));
}

Transport::Part PeerTransport::subgroup(const std::vector<int>& ranks, const std::string& axis,
                                        Where) {
  std::vector<int> world_ranks;
  for (const int r : ranks) world_ranks.push_back(world(r));
  return open_(keys_.next(peers_->group, ranks, axis), world_ranks, axis);
}

}  // namespace shardpipe::cuda
