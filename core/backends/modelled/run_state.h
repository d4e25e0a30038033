// The state of a run while it is timed: hosts that submit, streams that work, and what each of them
// waits for. Plain data: Simulation moves it on, the report of a deadlock reads it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/backends/modelled/clock.h"
#include "core/backends/modelled/log.h"
#include "core/backends/modelled/meetings.h"

namespace shardpipe::modelled {

// Submitted to a stream.
struct Submission {
  std::uint32_t entry = 0;      // index into the rank's log
  std::uint32_t host_past = 0;  // index into HostState::pasts
  std::int64_t submitted_ns = 0;
};

struct StreamState {
  int rank = 0;
  int number = 0;  // on its rank
  std::vector<Submission> queue = {};
  std::size_t next = 0;  // index into queue
  std::int64_t now_ns = 0;
  Clock known = {};
  std::uint32_t host_past = 0;  // joined so far
  bool posted = false;          // queue[next] is in Meetings
  bool runnable = false;        // listed to be moved on
  int next_waiting = -1;        // stream of the run that waits for the same event or lane

  bool idle() const { return next == queue.size(); }
};

struct EventState {
  std::int64_t time_ns = -1;  // -1: not yet recorded
  Past past = {};             // dropped after the last wait
  std::uint32_t waits = 0;    // still to come
  int waiting = -1;           // first stream that waits for it
};

// A communicator on one rank: one operation at a time, in order of `turn`.
struct LaneState {
  const Group* group = nullptr;
  int group_rank = 0;
  std::int64_t next_turn = 0;
  std::int64_t free_ns = 0;
  int waiting = -1;  // first stream that waits for its turn
};

struct HostState {
  const RankLog* log = nullptr;
  int first_stream = 0;  // of the run
  std::size_t next = 0;  // index into log->entries
  std::int64_t now_ns = 0;
  std::vector<Clock> pasts = {Clock{}};  // what it knew after each synchronize()
  int synchronizes = -1;                 // stream of the run it is blocked on
  std::vector<EventState> events = {};
  std::vector<LaneState> lanes = {};
  std::int64_t begin_ns = -1, end_ns = -1;  // of the window

  bool returned() const { return next == log->entries.size(); }
};

struct RunState {
  std::vector<HostState> hosts;      // by rank
  std::vector<StreamState> streams;  // of the run: by rank, then number
  Meetings meetings;

  RunState(const std::vector<RankLog>& logs, int groups, bool buffered_sends);
};

inline LaneState& lane_of(HostState& host, const Group* group) {
  std::size_t i = 0;  // a rank is in a handful of groups
  while (host.lanes.at(i).group != group) ++i;
  return host.lanes[i];
}

// Throws Error(deadlock) with one sentence about who waits for whom, then what each rank waits for.
[[noreturn]] void fail_deadlocked(const RunState& state);

}  // namespace shardpipe::modelled
