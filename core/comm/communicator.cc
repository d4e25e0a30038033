#include "core/comm/communicator.h"

#include <algorithm>
#include <utility>

#include "core/comm/overlap.h"

namespace shardpipe {
namespace {

void check_elements(const char* what, const Tensor& full, const Tensor& part, int ranks) {
  if (full.elements() != part.elements() * ranks || full.dtype() != part.dtype())
    fail(text(what, ": ", ranks, " ranks of ", part.shape(), " ", name_of(part.dtype()),
              " do not make ", full.shape(), " ", name_of(full.dtype())));
}

}  // namespace

void CommCounters::add(const std::string& axis, OpKind kind, std::int64_t bytes,
                       std::int64_t wire_bytes) {
  auto it = std::find_if(counts_.begin(), counts_.end(),
                         [&](const CommCount& c) { return c.kind == kind && c.group == axis; });
  if (it == counts_.end())
    it = counts_.insert(counts_.end(), CommCount{.group = axis, .kind = kind});
  it->calls += 1;
  it->bytes += bytes;
  it->wire_bytes += wire_bytes;
}

Communicator::Communicator(const Group& group, int rank, std::unique_ptr<Transport> transport,
                           std::shared_ptr<CommCounters> counters)
    : group_(group),
      rank_(rank),
      transport_(std::move(transport)),
      counters_(std::move(counters)) {}

void Communicator::take_turn(CommCall& call, const OnStream& on) {
  call.turn = next_turn_++;
  call.sequence = call.kind == OpKind::exchange ? next_exchange_++ : next_collective_++;
  call.tags = on.stream.tags();
  call.where = on.where;
}

void Communicator::announce(OpInfo& info, const CommCall& first) {
  info.kind = first.kind;
  info.group = &group_;
  info.rank = rank_;
  info.turn = first.turn;
  info.sequence = first.sequence;
  info.root = first.root;
  counters_->last_call().set(info, first.where);
}

void Communicator::submit(CommCall call, OpInfo info, OnStream on) {
  take_turn(call, on);
  info.name = call.kind == OpKind::all_reduce && call.reduce == ReduceOp::max ? "all_reduce max"
                                                                              : name_of(call.kind);
  announce(info, call);
  on.submit(std::move(info), [transport = transport_, call = std::move(call), &stream = on.stream] {
    transport->run(call, stream);
  });
}

void Communicator::check_apart(const OpInfo& info, Where where) const {
  const auto overlap = find_overlap(info.operands);
  if (!overlap) return;
  const auto world = [&](int rank) { return group_.ranks[static_cast<std::size_t>(rank)]; };
  const auto words = [&](std::size_t i) {
    const MessageInfo& m = info.messages[i];
    return text(m.is_send ? "send " : "recv ", m.bytes, " bytes ", m.is_send ? "to" : "from",
                " rank ", world(m.peer));
  };
  fail(text("exchange #", next_exchange_, " of ", group_.label(), " on rank ", world(rank_),
            where.words(" (", ")"), ": ", words(overlap->first), " and ", words(overlap->second),
            " share ", overlap->bytes, " bytes of memory"));
}

void Communicator::exchange(const std::vector<Message>& messages, OnStream on,
                            const char* algorithm) {
  CommCall call{.kind = OpKind::exchange, .algorithm = algorithm};
  OpInfo info{.algorithm = algorithm};
  info.operands.reserve(messages.size());
  info.messages.reserve(messages.size());
  call.messages.reserve(messages.size());
  for (const Message& m : messages) {
    if (m.peer < 0 || m.peer >= size() || m.peer == rank_)
      fail(text("exchange: rank ", rank_, " of ", group_.label(), " cannot talk to rank ", m.peer,
                " (allowed: the other ranks of 0..", size() - 1, ")"));
    const bool is_send = m.direction == Direction::send;
    info.operands.push_back(is_send ? m.data.read() : m.data.write());
    info.messages.push_back(
        {.is_send = is_send, .peer = m.peer, .bytes = m.data.bytes(), .dtype = m.data.dtype()});
    info.bytes += is_send ? m.data.bytes() : 0;
    info.dtype = m.data.dtype();
    if (messages.size() == 1) info.dims = dims_of(m.data.shape());
    call.messages.push_back({m.direction, m.peer, m.data.view()});
  }
  if (messages.empty()) return;
  check_apart(info, on.where);
  counters_->add(group_.axis, OpKind::exchange, info.bytes, info.bytes);
  submit(std::move(call), std::move(info), on);
}

void Communicator::all_reduce(Tensor inout, ReduceOp op, OnStream on) {
  if (size() == 1) return;
  OpInfo info{.dtype = inout.dtype(),
              .bytes = inout.bytes(),
              .operands = {inout.write()},
              .dims = dims_of(inout.shape())};
  counters_->add(group_.axis, OpKind::all_reduce, inout.bytes(),
                 2 * (size() - 1) * inout.bytes() / size());
  submit({.kind = OpKind::all_reduce, .out = inout.view(), .reduce = op}, std::move(info), on);
}

void Communicator::all_reduce_coalesced(const std::vector<Tensor>& inouts, OnStream on) {
  if (size() == 1 || inouts.empty()) return;
  OpInfo info{.dtype = inouts[0].dtype(),
              .name = "all_reduce coalesced",
              .calls = static_cast<int>(inouts.size())};
  std::vector<CommCall> calls;
  for (const Tensor& x : inouts) {
    if (x.dtype() != info.dtype)
      fail(text("all_reduce_coalesced: a tensor is ", name_of(x.dtype()), ", the first is ",
                name_of(info.dtype)));
    info.bytes += x.bytes();
    info.operands.push_back(x.write());
    calls.push_back({.kind = OpKind::all_reduce, .out = x.view()});
  }
  if (const auto overlap = find_overlap(info.operands))
    fail(text("all_reduce_coalesced: tensors ", overlap->first, " and ", overlap->second, " share ",
              overlap->bytes, " bytes of memory"));
  for (CommCall& call : calls) take_turn(call, on);
  announce(info, calls.front());
  counters_->add(group_.axis, OpKind::all_reduce, info.bytes,
                 2 * (size() - 1) * info.bytes / size());
  on.submit(std::move(info),
            [transport = transport_, calls = std::move(calls), &stream = on.stream] {
              transport->begin_launch();
              for (const CommCall& call : calls) transport->run(call, stream);
              transport->end_launch();
            });
}

void Communicator::all_gather(Tensor out, Tensor in, OnStream on) {
  check_elements("all_gather", out, in, size());
  OpInfo info{.dtype = out.dtype(),
              .bytes = out.bytes(),
              .operands = {out.write(), in.read()},
              .dims = dims_of(out.shape())};
  if (size() > 1)
    counters_->add(group_.axis, OpKind::all_gather, out.bytes(),
                   (size() - 1) * out.bytes() / size());
  submit({.kind = OpKind::all_gather, .out = out.view(), .in = in.view()}, std::move(info), on);
}

void Communicator::reduce_scatter(Tensor out, Tensor in, OnStream on) {
  check_elements("reduce_scatter", in, out, size());
  OpInfo info{.dtype = in.dtype(),
              .bytes = in.bytes(),
              .operands = {out.write(), in.read()},
              .dims = dims_of(in.shape())};
  if (size() > 1)
    counters_->add(group_.axis, OpKind::reduce_scatter, in.bytes(),
                   (size() - 1) * in.bytes() / size());
  submit({.kind = OpKind::reduce_scatter, .out = out.view(), .in = in.view()}, std::move(info), on);
}

void Communicator::broadcast(Tensor inout, int root, OnStream on) {
  if (root < 0 || root >= size())
    fail(text("broadcast: root ", root, " is not a rank of ", group_.label(), " (allowed: 0..",
              size() - 1, ")"));
  if (size() == 1) return;
  OpInfo info{.dtype = inout.dtype(),
              .bytes = inout.bytes(),
              .operands = {inout.write()},
              .dims = dims_of(inout.shape())};
  counters_->add(group_.axis, OpKind::broadcast, inout.bytes(), inout.bytes());
  submit({.kind = OpKind::broadcast, .out = inout.view(), .root = root}, std::move(info), on);
}

void Communicator::barrier(OnStream on) {
  if (size() == 1) return;
  counters_->add(group_.axis, OpKind::barrier, 0, 0);
  submit({.kind = OpKind::barrier}, OpInfo{}, on);
}

std::unique_ptr<Communicator> Communicator::subgroup(const std::vector<int>& ranks,
                                                     const std::string& axis, Where where) {
  const auto me = std::find(ranks.begin(), ranks.end(), rank_);
  for (const int r : ranks)
    if (r < 0 || r >= size() || std::count(ranks.begin(), ranks.end(), r) != 1)
      fail(text("subgroup ", axis, " of ", group_.label(), ": rank ", r,
                " is out of range or named twice"));
  if (me == ranks.end())
    fail(text("subgroup ", axis, " of ", group_.label(), ": rank ", rank_, " is not a member"));
  Transport::Part part = transport_->subgroup(ranks, axis, where);
  return std::make_unique<Communicator>(*part.group, static_cast<int>(me - ranks.begin()),
                                        std::move(part.transport), counters_);
}

}  // namespace shardpipe
