// Simulation: times the logs of all ranks and checks them for races and deadlocks. It is a replay:
// a host submits its rank's log in program order, streams run what they are given, and whoever must
// wait is woken by what it waits for. All times are maxima and sums over what is waited for, so the
// order in which hosts and streams are moved on does not change them.
//
//   host    pays CostModel::launch_ns() for each operation; synchronize() makes it wait
//   stream  one entry at a time, in order; an operation starts no earlier than its submission
//   lane    operations of one communicator run one at a time on a rank, in order of `turn`
//   start   of a communication: when all it needs have come to it (meetings.h)
#pragma once

#include <optional>
#include <vector>

#include "core/backends/modelled/race_check.h"
#include "core/backends/modelled/run_state.h"
#include "core/cost/cost_model.h"
#include "core/trace/recorder.h"

namespace shardpipe::modelled {

struct Window {
  std::int64_t begin_ns = 0, end_ns = 0;
};

class Simulation {
 public:
  // recorder: nullptr if no spans are wanted. groups: ids are below it.
  Simulation(const std::vector<RankLog>& logs, int groups, bool buffered_sends,
             const CostModel& costs, Recorder* recorder);

  // Throws Error: a deadlock, operations that do not match, a race.
  void run();
  // For the trace of a run that failed: logs what was posted and did not end, up to the latest
  // moment that any rank got to. Returns the window up to then.
  Window give_up();
  // From the latest opening to the latest closing of a rank; the whole run if none opened it.
  Window window() const;

 private:
  void move_host(int rank);
  void submit(HostState& host, const LogEntry& entry);
  bool synchronized(HostState& host, const LogEntry& entry);

  void move_stream(int stream);
  bool run_entry(int stream, const Submission& submission);
  void record_event(int stream, const Submission& submission, EventState& event);
  bool wait_for_event(int stream, EventState& event);
  bool communicate(int stream, const Submission& submission, const OpInfo& op);
  void finish(int stream, const Submission& submission, const OpInfo& op, const Posting& posting);
  void log(int stream, const OpInfo& op, const Posting& posting, std::int64_t end_ns,
           bool never_ended);

  void wake(int stream);
  void wake_all(int& waiting);
  void fail_on_race() const;

  const CostModel& costs_;
  RunState state_;
  std::vector<int> runnable_;          // streams of the run
  std::vector<int> runnable_hosts_;    // ranks
  std::vector<int> ready_;             // scratch: streams whose posting is complete
  std::vector<RaceCheck> races_;       // by rank
  std::vector<StreamLog*> span_logs_;  // by stream of the run; empty: no spans are wanted
};

}  // namespace shardpipe::modelled
