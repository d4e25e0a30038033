// Is a schedule right, and does its program end? Each answer is "" or one sentence that names the
// first violation; further lines, if any, show the place in the schedule.
#pragma once

#include <string>

#include "core/schedule/messages.h"
#include "core/schedule/schedule.h"

namespace shardpipe {

// Each (stage, micro-batch) has F and B, or F, I and W, once, on one rank (or F alone in all of
// them).
std::string check_completeness(const Schedule& schedule);

// check_completeness; and F(s,k) after F(s-1,k); B or I of (s,k) after F(s,k) and after B or I of
// (s+1,k); W after I; and the ranks do not wait for each other in a circle.
std::string check_schedule(const Schedule& schedule);

// check_schedule; every rank computes what the schedule says, and has what it computes with or
// sends; and no hang where a send waits for its recv, the exchanges of a rank run one after
// another, the n-th send to a rank meets its n-th recv, and an exchange ends when all its transfers
// have met. (That computing, too, waits for the exchange before it changes nothing: what it would
// send comes later on the same lane.)
std::string check_program(const Program& program);

}  // namespace shardpipe
