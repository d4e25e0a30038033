#include "core/backends/cpu/stream.h"

#include <algorithm>
#include <utility>

#include "core/backends/cpu/kernels/blas.h"
#include "core/base/printable.h"
#include "core/base/thread.h"

namespace shardpipe::cpu {
namespace {

// The other side of an exchange, unless it says itself for whom it waited; -1 for all else.
int first_peer(const OpInfo& info) {
  if (info.kind != OpKind::exchange || info.messages.empty()) return -1;
  return info.group->ranks[static_cast<std::size_t>(info.messages[0].peer)];
}

}  // namespace

CpuStream::CpuStream(const Tags& tags, std::string name, const RunClock& clock, WaitBoard& board,
                     int rank, Party& program, const CostModel* links, StreamLog* log)
    : Stream(tags, /*runs_bodies=*/true),
      name_(std::move(name)),
      clock_(clock),
      board_(board),
      rank_(rank),
      program_(program),
      party_(board.add_party(rank, name_, &current_)),
      links_(links),
      log_(log) {
  try {
    worker_ = start_thread(text("stream ", name_, " of rank ", rank), [this] { work(); });
  } catch (...) {
    board_.leave(party_);
    throw;
  }
}

CpuStream::~CpuStream() {
  try {
    push({.what = Task::What::stop});
  } catch (...) {  // the run was stopped: the worker sees that itself
  }
  worker_.join();
  board_.remove(party_);
}

void CpuStream::do_submit(OpInfo&& info, std::function<void()> body) {
  board_.throw_if_stopped();
  const bool is_linked = links_ != nullptr && is_communication(info.kind);
  SpanRecord span = record_of(info);
  span.waits_for = first_peer(info);
  push({.span = span,
        .where = info.where,
        .body = std::move(body),
        .link_ns = is_linked ? links_->duration_ns(info) : 0,
        .what = Task::What::operation});
}

Event CpuStream::record() {
  auto event = std::make_shared<CpuEvent>();
  push({.event = event, .what = Task::What::record});
  return Event(event);
}

void CpuStream::wait(const Event& event) {
  if (event.state() == nullptr) return;
  push({.event = std::static_pointer_cast<CpuEvent>(event.state()), .what = Task::What::wait});
}

void CpuStream::synchronize() {
  const Event event = record();
  auto& state = static_cast<CpuEvent&>(*event.state());
  board_.wait(
      program_, state.signal, [&] { return state.done.load(); },
      [&] { return text("in synchronize() for stream ", name_); });
  board_.throw_if_stopped();
}

void CpuStream::push(Task task) {
  const std::uint64_t n = pushed_.load();
  board_.wait(
      program_, freed_, [&] { return n - popped_.load() < kCapacity; },
      [&] { return text("for room in the queue of stream ", name_); });
  ring_[n % kCapacity] = std::move(task);
  pushed_.store(n + 1);
  filled_.notify();
}

void CpuStream::work() {
  use_one_blas_thread();
  for (std::uint64_t n = 0;; ++n) {
    board_.wait(
        party_, filled_, [&] { return pushed_.load() > n; }, [] { return std::string("for work"); },
        /*idle=*/true);
    if (pushed_.load() <= n) break;  // the run was stopped
    Task task = std::move(ring_[n % kCapacity]);
    popped_.store(n + 1);
    freed_.notify();
    if (task.what == Task::What::stop) break;
    try {
      run(task);
    } catch (...) {
      board_.stop_because_of(rank_, std::current_exception());
    }
  }
  board_.leave(party_);
}

void CpuStream::run(Task& task) {
  switch (task.what) {
    case Task::What::operation:
      if (!board_.stopped()) run_operation(task);
      break;
    case Task::What::record:
      task.event->done.store(true);
      task.event->signal.notify();
      break;
    case Task::What::wait:
      if (board_.stopped()) break;
      board_.wait(
          party_, task.event->signal, [&] { return task.event->done.load(); },
          [&] { return "for an event on stream " + name_; });
      break;
    case Task::What::stop: break;
  }
}

// Operations of a communicator say themselves where they are.
void CpuStream::run_body(Task& task) {
  if (is_communication(task.span.kind)) return task.body();
  const auto place = [&] {
    return text(" (in ", task.span.name, " on stream ", name_, where_.words(", "), ")");
  };
  try {
    task.body();
  } catch (const std::exception& e) {
    const Error error = error_of(e);
    throw error.with(printable(error.what()) + place());
  }
}

void CpuStream::run_operation(Task& task) {
  party_.enter(task.span.name);
  current_ = task.span;
  where_ = task.where;
  current_.posted_ns = clock_.now_ns();
  // A collective is ready when its last participant has come: the Recorder finds that time.
  current_.ready_ns = is_communication(task.span.kind) ? -1 : current_.posted_ns;
  met_ns_ = current_.posted_ns;
  try {
    run_body(task);
  } catch (...) {
    current_.never_ended = true;
    log_end();
    throw;
  }
  if (task.link_ns > 0) hold_until(std::max(met_ns_, current_.ready_ns) + task.link_ns);
  task.body = nullptr;  // frees the operands
  log_end();
}

void CpuStream::log_end() {
  current_.end_ns = clock_.now_ns();
  if (log_ != nullptr) log_->add(current_);
}

// Sleeps, so that the core is free as it is while a network card works. In slices: a run that was
// stopped does not wait, and a slow link is not taken for a hang.
void CpuStream::hold_until(std::int64_t end_ns) {
  constexpr std::int64_t kSlice_ns = 10'000'000;
  while (!board_.stopped()) {
    const std::int64_t left_ns = end_ns - clock_.now_ns();
    if (left_ns <= 0) return;
    party_.enter(current_.name);
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(left_ns, kSlice_ns)));
  }
}

}  // namespace shardpipe::cpu
