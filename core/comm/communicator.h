// Communicator: the ranks of one group and the operations between them, under NCCL's rules:
//   * all ranks of a group call its collectives in the same order, with the same size and dtype;
//   * operations of one communicator run one after another on a rank, whatever streams they are on;
//   * a send may wait for its recv: point to point is exchange() only, and messages of one exchange
//     progress together.
// Breaking a rule ends with one sentence that names what each rank waits for, and the lines that
// called (docs/architecture.md). Letters: n ranks, S bytes of the full tensor. A group of one rank
// does nothing and counts nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/comm/last_call.h"
#include "core/comm/transport.h"

namespace shardpipe {

struct Message {
  Direction direction = Direction::send;
  int peer = 0;  // rank in the group
  Tensor data = {};
};

// What one rank did on all communicators of one axis, since the last reset.
struct CommCount {
  std::string group = {};  // the axis: "tp", "pp", "dp", "kv", "world"
  OpKind kind = OpKind::barrier;
  std::int64_t calls = 0;
  std::int64_t bytes = 0;       // payload: the full tensor; exchange: bytes sent
  std::int64_t wire_bytes = 0;  // what a rank sends under the bandwidth-optimal (ring) algorithm
};

// Shared by all communicators of a rank; used by the rank's thread only.
class CommCounters {
 public:
  void add(const std::string& axis, OpKind kind, std::int64_t bytes, std::int64_t wire_bytes);
  void reset() { counts_.clear(); }
  const std::vector<CommCount>& counts() const { return counts_; }  // in order of first use
  LastCall& last_call() { return last_call_; }                      // reset() keeps it

 private:
  std::vector<CommCount> counts_;
  LastCall last_call_;
};

class Communicator {
 public:
  Communicator(const Group& group, int rank, std::unique_ptr<Transport> transport,
               std::shared_ptr<CommCounters> counters);

  const Group& group() const { return group_; }
  int rank() const { return rank_; }
  int size() const { return group_.size(); }

  // Point to point; ends when all its messages have arrived. A message to oneself is an error, and
  // so is memory that is received into and sent, or received into twice: what would be in it
  // depends on who comes first. algorithm: that this is a step of, of static storage; both ends of
  // a message must name the same one.
  void exchange(const std::vector<Message>& messages, OnStream on, const char* algorithm = "");

  // inout = op over ranks of inout. f32, bf16 and i32. Wire bytes a rank: 2 (n-1)/n S.
  void all_reduce(Tensor inout, ReduceOp op, OnStream on);
  void all_reduce(Tensor inout, OnStream on) { all_reduce(inout, ReduceOp::sum, on); }

  // The same for several tensors of one dtype, none of which share memory, as one operation without
  // copies. Sums. Counts as one call, and is one launch on cuda; on cpu and mpi the ranks still
  // meet once a tensor. (torch.distributed.all_reduce_coalesced.)
  void all_reduce_coalesced(const std::vector<Tensor>& inouts, OnStream on);

  // out [n, in...] = in of every rank, in rank order; out has n times the elements of in.
  // Wire bytes a rank: (n-1)/n S, S = bytes of out.
  void all_gather(Tensor out, Tensor in, OnStream on);

  // out = part `rank` of the sum over ranks of in; in has n times the elements of out.
  // Wire bytes a rank: (n-1)/n S, S = bytes of in.
  void reduce_scatter(Tensor out, Tensor in, OnStream on);

  // inout of every rank = inout of rank `root`. Wire bytes a rank: S.
  void broadcast(Tensor inout, int root, OnStream on);

  // Ends when every rank has come to it.
  void barrier(OnStream on);

  // A communicator of some of these ranks (ranks of this one, in the order given). Called by its
  // members, in the same order on all of them; others do not call it.
  std::unique_ptr<Communicator> subgroup(const std::vector<int>& ranks, const std::string& axis,
                                         Where where = Where::here());

  CommCounters& counters() { return *counters_; }

 private:
  // The call's place in this rank's order of operations.
  void take_turn(CommCall& call, const OnStream& on);
  // Fills in what all operations of this communicator say; first: the only call, or the first of a
  // launch.
  void announce(OpInfo& info, const CommCall& first);
  void submit(CommCall call, OpInfo info, OnStream on);
  void check_apart(const OpInfo& exchange, Where where) const;

  const Group& group_;
  int rank_;
  std::shared_ptr<Transport> transport_;  // bodies hold it too
  std::shared_ptr<CommCounters> counters_;
  std::int64_t next_turn_ = 0, next_collective_ = 0, next_exchange_ = 0;
};

}  // namespace shardpipe
