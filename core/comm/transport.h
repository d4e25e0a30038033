// Transport: the wires of one communicator on one backend. Communicator checks, counts and submits;
// Transport::run moves the bytes, inside the body of the operation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/tensor/kernels.h"

namespace shardpipe {

enum class Direction : bool { send, recv };

struct MessageView {
  Direction direction = Direction::send;
  int peer = 0;
  View data = {};
};

// One operation of one rank on one communicator.
struct CommCall {
  OpKind kind = OpKind::barrier;
  View out = {}, in = {};  // all_reduce, broadcast: out is in and out
  ReduceOp reduce = ReduceOp::sum;
  int root = -1;
  std::vector<MessageView> messages = {};  // exchange
  const char* algorithm = "";              // exchange: it is a step of
  std::int64_t turn = -1;      // position among this rank's operations on this communicator
  std::int64_t sequence = -1;  // position among its collectives, or among its exchanges
  Tags tags = {};              // of the operation, for messages to a person
  Where where = {};            // likewise
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Performs the call (CPU) or enqueues it (CUDA). Calls of one transport start in order of `turn`,
  // whatever stream they come from (NCCL's rule). Collectives meet by their position.
  virtual void run(const CommCall& call, Stream& stream) = 0;

  // Around several calls that are one launch (ncclGroupStart, ncclGroupEnd).
  virtual void begin_launch() {}
  virtual void end_launch() {}

  // The wires of a group of some of these ranks. `ranks` are ranks of this communicator, this rank
  // among them. All its members call it in the same order. The Group lives as long as the run.
  // where: the line that asks, for messages to a person.
  struct Part {
    const Group* group = nullptr;
    std::unique_ptr<Transport> transport;
  };
  virtual Part subgroup(const std::vector<int>& ranks, const std::string& axis, Where where) = 0;
};

}  // namespace shardpipe
