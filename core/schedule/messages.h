// The pass that inserts communication: from what each rank computes to what it does.
//
// Rules of the machine (NCCL's): the exchanges of a rank on one communicator run one after another,
// and a send may wait for its recv. Under them the obvious insertion, recv before and send after
// each action, hangs: two neighbours that both send first wait for each other. insert_messages
// replays the schedule once and gives every rank its messages in the order of that replay. All
// ranks then share one total order of messages, and the rank whose next message is the earliest can
// always go on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/schedule/schedule.h"

namespace shardpipe {

enum class Payload : std::uint8_t { activation, gradient };

const char* name_of(Payload payload);

// One message between two pipeline ranks. It stands, equal, in the programs of both.
struct Transfer {
  Payload payload = Payload::activation;
  int stage = 0;  // that consumes it: the activation into the stage, the gradient into the stage
  int microbatch = 0;
  int from = 0, to = 0;  // pipeline ranks
  bool operator==(const Transfer&) const = default;
};

// One action, or one exchange of transfers that meet in any order among themselves.
struct Step {
  bool is_compute = true;
  Action action = {};
  std::vector<Transfer> transfers = {};
};

struct Program {
  Schedule schedule = {};
  std::vector<std::vector<Step>> ranks = {};
};

// One transfer an exchange, in one total order. Between stages of the same rank there is none.
// Throws Error(wrong) for a schedule that check_schedule refuses.
Program insert_messages(const Schedule& schedule);

// As insert_messages in what is sent, but each rank decides alone: recv before an action, send
// after it. The twin that hangs; check_program says where.
Program insert_messages_locally(const Schedule& schedule);

// Same messages as the program. Exchanges of a rank with nothing between them become one, so that
// a send and a recv overlap. It never adds a hang: a rank posts some messages earlier, and goes on
// when it would have gone on anyway.
Program group_messages(const Program& program);

// Same gradients as the schedule: each B becomes I and W, one after the other. Blocks are taken
// apart.
Schedule split_backward(const Schedule& schedule);

}  // namespace shardpipe
