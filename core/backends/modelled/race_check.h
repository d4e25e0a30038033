// RaceCheck: finds operations of one rank that touch the same bytes, at least one of them writing,
// and that nothing orders. It reads operands only, so a missing wait is found whatever the modelled
// times are. Order comes from streams, events, synchronize() and data received from other ranks;
// the order of submission and the turns of a communicator are none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/backends/modelled/clock.h"
#include "core/backends/modelled/log.h"

namespace shardpipe::modelled {

struct Access {
  std::int64_t begin = 0, end = 0;  // bytes of the buffer
  int stream = 0;                   // of the run
  Position position = 0;
  bool write = false;
  int next = -1;  // index of the next access of the same buffer
};

struct Race {
  Access earlier = {}, later = {};  // in program order
  std::int64_t buffer = 0;
};

class RaceCheck {
 public:
  // Called when an operation starts, in an order that respects happens-before. known: what its
  // stream knows to have ended. Cost: the accesses of each operand's buffer that still matter.
  void start(const OpInfo& op, int stream, Position position, const Clock& known);

  // The race with the first later operation in program order.
  const std::optional<Race>& first() const { return first_race_; }

 private:
  void start(std::int64_t buffer, const Access& access, const Clock& known);
  void keep(std::int64_t buffer, const Access& access);
  void report(std::int64_t buffer, const Access& a, const Access& b);

  std::vector<int> first_access_;  // by buffer: head of its list in accesses_, -1: none
  std::vector<Access> accesses_;   // one pool for all lists
  int free_ = -1;                  // list of unused ones
  std::optional<Race> first_race_;
};

// first_stream: the number in the run of the rank's stream 0.
std::string describe(const Race& race, int rank, const RankLog& log, int first_stream);

}  // namespace shardpipe::modelled
