// Mailbox: what one stage makes and another one uses, activations forward and gradients backward,
// kept on a rank until it is used here or sent. Three ways to send, with the same result:
//   blocking   on the compute stream, which waits for each message
//   one_lane   on the comm stream: compute goes on, but messages of a rank go one after another, in
//              the order of the program (core/schedule/messages.h)
//   prefetch   each neighbour, direction and kind of message has its own communicator and stream,
//              and the next recvs are posted before they are needed: no message waits for an
//              unrelated one
// scatter: each tensor-parallel rank sends its 1/t of the rows, which are all alike, and the
// receivers gather (Narayanan et al., SC 2021, section 4.1): 1/t of the bytes between nodes, for an
// all-gather inside one.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "core/context/rank_context.h"
#include "core/schedule/messages.h"

namespace shardpipe {

enum class P2p { blocking, one_lane, prefetch };

const char* name_of(P2p p2p);
P2p parse_p2p(std::string_view name);

// What stages exchange for one micro-batch: x or dx [T,D].
struct Boundary {
  Shape shape = {};
  DType dtype = DType::f32;
};

// The activation into `stage`, or the gradient into it, of one micro-batch.
struct Letter {
  Payload payload = Payload::activation;
  int stage = 0, microbatch = 0;
  auto operator<=>(const Letter&) const = default;
};

class Mailbox {
 public:
  virtual ~Mailbox() = default;

  // An action's result, for a stage of this rank or of another.
  virtual void put(const Letter& letter, Tensor data, RankContext& ctx) = 0;
  // One exchange of the program.
  virtual void exchange(const std::vector<Transfer>& transfers, RankContext& ctx) = 0;
  // What an action needs: later work of ctx.compute sees it.
  virtual Tensor take(const Letter& letter, RankContext& ctx) = 0;
  // Once a step, after the last action. Sends on ctx.comm may still be under way: nothing later
  // needs them, and what they read is kept for them. Who synchronizes with ctx.compute and ctx.comm
  // has waited for all messages.
  virtual void finish(RankContext& ctx) = 0;
};

// Called by all ranks of ctx.pp. Usage error if scatter is wanted and t does not divide the rows.
std::unique_ptr<Mailbox> make_mailbox(RankContext& ctx, const Schedule& schedule,
                                      const Boundary& boundary, P2p p2p, bool scatter);

}  // namespace shardpipe
