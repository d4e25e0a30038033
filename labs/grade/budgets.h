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
Budget bytes_held(Limit most);         // at once, inside the window
Budget nanoseconds_taken(Limit most);  // of the modelled run, by all ranks together

}  // namespace shardpipe
