// Budgets that several exercises share. `exactly` and `most` are limits by rank.
#pragma once

#include "labs/grade/device_cases.h"

namespace shardpipe {

using Limit = std::function<double(int rank)>;

Budget bytes_sent(Limit exactly);  // in exchanges
Budget exchanges(Limit exactly);
Budget no_collectives();  // of the communicator
// Messages for which `fits` is false; `what` names them, such as "messages that leave the ring".
Budget no_messages_but(std::function<bool(int rank, const MessageInfo&)> fits, const char* what);
// Collectives of one kind on communicators of one axis, in one phase of a step; none: in all.
struct Collectives {
  OpKind kind = OpKind::all_reduce;
  std::string axis = "tp";
  Phase phase = Phase::none;
};
Budget calls_of(const Collectives& these, int exactly);
Budget bytes_of(const Collectives& these, std::int64_t exactly);  // of full tensors
Budget no_calls_but(const Collectives& these);  // no other kind, no other axis, no exchange
Budget no_calls_but(const std::vector<Collectives>& these);

Budget bytes_held(Limit most);         // at once, inside the window
Budget nanoseconds_taken(Limit most);  // of the modelled run, by all ranks together

}  // namespace shardpipe
