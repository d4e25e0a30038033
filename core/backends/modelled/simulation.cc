#include "core/backends/modelled/simulation.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"

namespace shardpipe::modelled {

Simulation::Simulation(const std::vector<RankLog>& logs, int groups, bool buffered_sends,
                       const CostModel& costs, Recorder* recorder)
    : costs_(costs), state_(logs, groups, buffered_sends), races_(logs.size()) {
  for (int rank = static_cast<int>(logs.size()) - 1; rank >= 0; --rank)
    runnable_hosts_.push_back(rank);  // taken from the back
  if (recorder == nullptr) return;
  for (const StreamState& s : state_.streams)
    span_logs_.push_back(&recorder->make_log(
        s.rank, s.number,
        logs[static_cast<std::size_t>(s.rank)].streams[static_cast<std::size_t>(s.number)]));
}

void Simulation::run() {
  while (!runnable_.empty() || !runnable_hosts_.empty()) {
    if (!runnable_.empty()) {
      const int stream = runnable_.back();
      runnable_.pop_back();
      move_stream(stream);
    } else {
      const int rank = runnable_hosts_.back();
      runnable_hosts_.pop_back();
      move_host(rank);
    }
  }
  for (const HostState& host : state_.hosts)
    if (!host.returned()) fail_deadlocked(state_);
  for (const StreamState& stream : state_.streams)
    if (!stream.idle()) fail_deadlocked(state_);
  fail_on_race();
}

void Simulation::move_host(int rank) {
  HostState& host = state_.hosts[static_cast<std::size_t>(rank)];
  for (; !host.returned(); ++host.next) {
    const LogEntry& entry = host.log->entries[host.next];
    switch (entry.what) {
      case LogEntry::synchronize:
        if (!synchronized(host, entry)) return;
        break;
      case LogEntry::begin_window: host.begin_ns = host.now_ns; break;
      case LogEntry::end_window: host.end_ns = host.now_ns; break;
      default: submit(host, entry);
    }
  }
}

void Simulation::submit(HostState& host, const LogEntry& entry) {
  if (entry.what == LogEntry::run_op) host.now_ns += costs_.launch_ns();
  const int number = host.first_stream + entry.stream;
  StreamState& stream = state_.streams[static_cast<std::size_t>(number)];
  if (stream.idle()) wake(number);  // otherwise it works, or waits on some list
  stream.queue.push_back({.entry = static_cast<std::uint32_t>(host.next),
                          .host_past = static_cast<std::uint32_t>(host.pasts.size() - 1),
                          .submitted_ns = host.now_ns});
}

// Joins the host with all work submitted to a stream so far, or blocks it until that has run.
bool Simulation::synchronized(HostState& host, const LogEntry& entry) {
  const int number = host.first_stream + entry.stream;
  const StreamState& stream = state_.streams[static_cast<std::size_t>(number)];
  if (!stream.idle()) {
    host.synchronizes = number;
    return false;
  }
  host.synchronizes = -1;
  host.now_ns = std::max(host.now_ns, stream.now_ns);
  Clock past = host.pasts.back();
  past.join(Past{stream.known, number, static_cast<Position>(host.next)});
  host.pasts.push_back(std::move(past));
  return true;
}

void Simulation::move_stream(int number) {
  StreamState& stream = state_.streams[static_cast<std::size_t>(number)];
  stream.runnable = false;
  while (!stream.idle()) {
    if (!run_entry(number, stream.queue[stream.next])) return;
    ++stream.next;
  }
  stream.queue.clear();
  stream.next = 0;
  HostState& host = state_.hosts[static_cast<std::size_t>(stream.rank)];
  if (host.synchronizes == number) runnable_hosts_.push_back(stream.rank);
}

// Performs an entry, or returns false if it has to wait; it is then on the list of what it waits
// for.
bool Simulation::run_entry(int number, const Submission& submission) {
  StreamState& stream = state_.streams[static_cast<std::size_t>(number)];
  HostState& host = state_.hosts[static_cast<std::size_t>(stream.rank)];
  if (stream.host_past < submission.host_past) {
    stream.host_past = submission.host_past;
    stream.known.join(host.pasts[submission.host_past]);
  }
  const LogEntry& entry = host.log->entries[submission.entry];
  if (entry.what == LogEntry::record_event) {
    record_event(number, submission, host.events[entry.item]);
    return true;
  }
  if (entry.what == LogEntry::wait_event) return wait_for_event(number, host.events[entry.item]);

  const OpInfo& op = host.log->ops[entry.item];
  if (is_communication(op.kind)) return communicate(number, submission, op);
  const std::int64_t start_ns = std::max(stream.now_ns, submission.submitted_ns);
  finish(number, submission, op, {.posted_ns = start_ns, .ready_ns = start_ns});
  return true;
}

void Simulation::record_event(int number, const Submission& submission, EventState& event) {
  StreamState& stream = state_.streams[static_cast<std::size_t>(number)];
  event.time_ns = stream.now_ns;
  if (event.waits > 0) event.past = {stream.known, number, submission.entry};
  wake_all(event.waiting);
}

bool Simulation::wait_for_event(int number, EventState& event) {
  StreamState& stream = state_.streams[static_cast<std::size_t>(number)];
  if (event.time_ns < 0) {
    stream.next_waiting = std::exchange(event.waiting, number);
    return false;
  }
  stream.now_ns = std::max(stream.now_ns, event.time_ns);
  stream.known.join(event.past);
  if (--event.waits == 0) event.past = {};
  return true;
}

bool Simulation::communicate(int number, const Submission& submission, const OpInfo& op) {
  StreamState& stream = state_.streams[static_cast<std::size_t>(number)];
  LaneState& lane = lane_of(state_.hosts[static_cast<std::size_t>(stream.rank)], op.group);
  if (lane.next_turn != op.turn) {
    stream.next_waiting = std::exchange(lane.waiting, number);
    return false;
  }
  if (!stream.posted) {
    stream.posted = true;
    ready_.clear();
    state_.meetings.post(
        number,
        {.op = &op,
         .rank = stream.rank,
         .group_rank = lane.group_rank,
         .past = {stream.known, number, submission.entry},
         .posted_ns = std::max({stream.now_ns, submission.submitted_ns, lane.free_ns})},
        ready_);
    for (const int other : ready_)
      if (other != number) wake(other);
  }
  const Posting& posting = state_.meetings.posting(number);
  if (posting.missing > 0) return false;
  finish(number, submission, op, posting);
  stream.posted = false;
  stream.known = posting.known;
  lane.free_ns = stream.now_ns;
  lane.next_turn += op.calls;
  wake_all(lane.waiting);
  return true;
}

void Simulation::finish(int number, const Submission& submission, const OpInfo& op,
                        const Posting& posting) {
  StreamState& stream = state_.streams[static_cast<std::size_t>(number)];
  const Position position = submission.entry + 1;
  races_[static_cast<std::size_t>(stream.rank)].start(op, number, position, stream.known);
  stream.now_ns = posting.ready_ns + costs_.duration_ns(op);
  log(number, op, posting, stream.now_ns, false);
}

void Simulation::log(int number, const OpInfo& op, const Posting& posting, std::int64_t end_ns,
                     bool never_ended) {
  if (span_logs_.empty()) return;
  SpanRecord span = record_of(op);
  span.posted_ns = posting.posted_ns;
  span.ready_ns = posting.ready_ns;
  span.end_ns = end_ns;
  span.waits_for = static_cast<std::int32_t>(posting.waits_for);
  span.never_ended = never_ended;
  span_logs_[static_cast<std::size_t>(number)]->add(span);
}

Window Simulation::give_up() {
  std::int64_t begin_ns = 0, last_ns = 0;
  for (const HostState& host : state_.hosts) {
    begin_ns = std::max(begin_ns, host.begin_ns);
    last_ns = std::max(last_ns, host.now_ns);
  }
  for (std::size_t s = 0; s < state_.streams.size(); ++s) {
    last_ns = std::max(last_ns, state_.streams[s].now_ns);
    if (state_.streams[s].posted)
      last_ns = std::max(last_ns, state_.meetings.posting(static_cast<int>(s)).posted_ns);
  }
  last_ns += (last_ns - begin_ns) / 4;  // so that a picture shows the last to come waiting, too
  for (std::size_t s = 0; s < state_.streams.size(); ++s) {
    const int number = static_cast<int>(s);
    if (!state_.streams[s].posted) continue;
    Posting posting = state_.meetings.posting(number);
    const std::vector<int> missing = state_.meetings.waits_for(number);
    if (!missing.empty()) posting.waits_for = missing.front();
    posting.ready_ns = last_ns;
    log(number, *posting.op, posting, last_ns, true);
  }
  return {begin_ns, last_ns};
}

void Simulation::wake(int number) {
  StreamState& stream = state_.streams[static_cast<std::size_t>(number)];
  if (std::exchange(stream.runnable, true)) return;
  runnable_.push_back(number);
}

void Simulation::wake_all(int& waiting) {
  int stream = std::exchange(waiting, -1);
  while (stream >= 0) {
    wake(stream);
    stream = std::exchange(state_.streams[static_cast<std::size_t>(stream)].next_waiting, -1);
  }
}

void Simulation::fail_on_race() const {
  for (std::size_t rank = 0; rank < races_.size(); ++rank)
    if (const std::optional<Race>& race = races_[rank].first()) {
      const HostState& host = state_.hosts[rank];
      fail(ExitCode::wrong, describe(*race, static_cast<int>(rank), *host.log, host.first_stream));
    }
}

Window Simulation::window() const {
  std::int64_t run_end_ns = 0, begin_ns = -1, end_ns = 0;
  for (const HostState& host : state_.hosts) {
    run_end_ns = std::max(run_end_ns, host.now_ns);
    begin_ns = std::max(begin_ns, host.begin_ns);
    end_ns = std::max(end_ns, host.end_ns);
  }
  if (begin_ns >= 0) return {begin_ns, end_ns};
  for (const StreamState& stream : state_.streams) run_end_ns = std::max(run_end_ns, stream.now_ns);
  return {0, run_end_ns};
}

}  // namespace shardpipe::modelled
