#include "core/backends/cpu/wait_board.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "core/base/progress.h"
#include "core/base/thread.h"

namespace shardpipe::cpu {
namespace {

using Clock = TimePoint::clock;
using Seconds = std::chrono::duration<double>;

constexpr auto kLook = std::chrono::milliseconds(10);     // how often the monitor looks
constexpr auto kRecheck = std::chrono::milliseconds(20);  // a sleeper notices a stopped run by then
constexpr double kGrace_s = 2;                            // for running bodies, after a stop

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

WaitBoard::WaitBoard(int ranks, double time_limit_s, OtherProcesses* others)
    : time_limit_s_(time_limit_s),
      others_(others),
      monitor_(start_thread("the monitor of the run", [this] { monitor(); })) {
  set_ranks(ranks);
}

// 2,000 pauses are about 50 us: what a sleeping thread takes to wake up. Threads that share cores
// give way instead.
void WaitBoard::set_ranks(int ranks) {
  yields_ = ranks > static_cast<int>(std::thread::hardware_concurrency());
  spins_ = yields_ ? 50 : 2000;
}

WaitBoard::~WaitBoard() {
  {
    std::lock_guard lock(mutex_);
    quit_ = true;
  }
  wake_monitor_.notify_all();
  monitor_.join();
}

Party& WaitBoard::add_party(int rank, const std::string& name, const SpanRecord* span) {
  std::lock_guard lock(mutex_);
  parties_.push_back(std::make_unique<Party>(rank, name, span));
  return *parties_.back();
}

void WaitBoard::leave(Party& party) {
  std::lock_guard lock(party.mutex_);
  party.state_ = Party::State::gone;
  party.steps_.fetch_add(1);
}

void WaitBoard::remove(Party& party) {
  std::lock_guard lock(mutex_);
  removed_steps_ += party.steps_.load();
  std::erase_if(parties_, [&](const auto& one) { return one.get() == &party; });
}

void WaitBoard::relax(int i) const {
  if (yields_ || i % 64 == 63)
    std::this_thread::yield();
  else
    pause();
}

// A poller also moves the data, a piece with every call, so it must come back soon; but where a
// wait is long it is others that need the core.
void WaitBoard::relax_long(int i) {
  constexpr int kYields = 200;
  if (i < kYields)
    std::this_thread::yield();
  else
    std::this_thread::sleep_for(std::chrono::microseconds(50));
}

void WaitBoard::set_state(Party& party, Party::State state, const Condition* ready,
                          const Describe* describe) {
  std::lock_guard lock(party.mutex_);
  party.state_ = state;
  party.ready_ = ready;
  party.describe_ = describe;
  party.steps_.fetch_add(1);
}

void WaitBoard::sleep(Party& party, Signal& signal, const Condition& ready,
                      const Describe& describe, bool idle) {
  {
    const InState waiting(party, idle ? Party::State::idle : Party::State::waiting, &ready,
                          &describe);
    std::unique_lock lock(signal.mutex_);
    signal.sleepers_.fetch_add(1);
    sleeps_.fetch_add(1);
    while (!ready() && !stopped()) {
      const auto woken = signal.changed_.wait_until(lock, Deadline::now() + kRecheck);
      if (woken == std::cv_status::timeout && ready()) late_.fetch_add(1);
    }
    signal.sleepers_.fetch_sub(1);
  }
  if (!idle) throw_if_stopped();
}

void WaitBoard::throw_if_stopped() const {
  if (stopped()) fail(ExitCode::crash, "the run was stopped");
}

void WaitBoard::stop(std::exception_ptr error) {
  std::lock_guard lock(mutex_);
  if (error_ == nullptr) error_ = error;
  stopped_.store(true);
}

void WaitBoard::stop_because_of(int rank, std::exception_ptr error) {
  if (stopped()) return;
  try {
    stop(with_place(rank, error));
  } catch (...) {  // no memory for words
    stop(error);
  }
}

// Who failed, and who waits, where that may say why.
std::exception_ptr WaitBoard::with_place(int rank, std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    const Error failed = error_of(e);
    if (is_about_input(failed.code())) return error;
    const bool has_cause = failed.is_of_resources() || dynamic_cast<const Error*>(&e) == nullptr;
    const std::string others = has_cause || others_ != nullptr ? "" : waits();  // else end_all asks
    return std::make_exception_ptr(
        failed.with(text("rank ", rank, ": ", failed.what(), others.empty() ? "" : "; ", others)));
  } catch (...) {
    return error;
  }
}

std::exception_ptr WaitBoard::error() const {
  std::lock_guard lock(mutex_);
  return error_;
}

std::uint64_t WaitBoard::steps() const {
  std::lock_guard lock(mutex_);
  std::uint64_t sum = removed_steps_;
  for (const auto& party : parties_) sum += party->steps_.load();
  return sum;
}

// A consistent look without stopping anybody: if no party took a step between the two counts, all
// states and conditions seen in between held at one moment.
bool WaitBoard::deadlocked() {
  const std::uint64_t before = steps();
  bool somebody_waits = false;
  {
    std::lock_guard lock(mutex_);
    for (const auto& party : parties_) {
      std::lock_guard party_lock(party->mutex_);
      using enum Party::State;
      if (party->state_ == running || party->state_ == polling) return false;
      if (party->state_ == gone) continue;
      if ((*party->ready_)()) return false;
      somebody_waits |= party->state_ == Party::State::waiting;
    }
  }
  return somebody_waits && steps() == before;
}

std::string WaitBoard::state_of_rank(int rank) {
  std::string streams, program;
  bool returned = false;
  for (const auto& party : parties_) {
    if (party->rank_ != rank) continue;
    std::lock_guard lock(party->mutex_);
    const bool is_program = party->name_ == "program";
    std::string& out = is_program ? program : streams;
    if (party->state_ == Party::State::waiting || party->state_ == Party::State::polling)
      out += text(out.empty() ? "" : " and ", "waits ", (*party->describe_)());
    else if (party->state_ == Party::State::running) {
      std::string inside = party->inside_.load();
      if (is_program && inside.empty()) inside = "its program";
      if (inside.empty()) continue;  // between two operations
      out += text(out.empty() ? "" : " and ", "is inside ", inside);
    }
    returned |= is_program && party->state_ == Party::State::gone;
  }
  if (!streams.empty()) return text("rank ", rank, " ", streams);
  if (returned) return text("rank ", rank, " has returned");
  return program.empty() ? "" : text("rank ", rank, " ", program);
}

std::string WaitBoard::waits() {
  std::lock_guard lock(mutex_);
  std::set<int> ranks;
  for (const auto& party : parties_) ranks.insert(party->rank_);
  std::string all;
  for (const int rank : ranks) {
    const std::string state = state_of_rank(rank);
    if (!state.empty()) all += (all.empty() ? "" : "; ") + state;
  }
  return all;
}

bool WaitBoard::anybody_waits() {
  std::lock_guard lock(mutex_);
  for (const auto& party : parties_) {
    std::lock_guard party_lock(party->mutex_);
    if (party->state_ == Party::State::waiting || party->state_ == Party::State::polling)
      return true;
  }
  return false;
}

Answer WaitBoard::answer() { return {Seconds(Clock::now() - since_).count(), waits()}; }

std::vector<OpenSpan> WaitBoard::in_progress() {
  std::lock_guard lock(mutex_);
  std::vector<OpenSpan> open;
  for (const auto& party : parties_) {
    std::lock_guard party_lock(party->mutex_);  // it can't go on meanwhile
    if (party->state_ == Party::State::polling && party->span_ != nullptr)
      open.push_back({party->name_, *party->span_});
  }
  return open;
}

void WaitBoard::stop_with(const std::string& sentence) {
  stop(std::make_exception_ptr(Error(sentence, ExitCode::deadlock, Where::here())));
}

// Steps of this board are progress for those who wait for this process, too.
void WaitBoard::note_movement() {
  const std::uint64_t count = steps(), told = progress_told();
  if (count == seen_ && told == seen_told_) return;
  since_ = Clock::now();
  if (count != seen_) tell_progress();
  seen_ = count;
  seen_told_ = told;
}

void WaitBoard::look_for_deadlock() {
  note_movement();
  if (stopped()) return;
  const bool too_long = Seconds(Clock::now() - since_).count() > time_limit_s_;
  if (deadlocked()) {
    stop_with(text("deadlock: ", waits()));
  } else if (too_long && anybody_waits() && others_ != nullptr) {
    ask_others();
  } else if (too_long && anybody_waits()) {
    hung_ = true;
    stop_with(text("no progress for ", time_limit_s_.load(), " s: ", waits()));
  }
}

// Threads of one process get some time to unwind.
void WaitBoard::end_if_stopped() {
  if (!stopped()) return;
  const auto now = Clock::now();
  stopped_at_ = std::min(stopped_at_, now);
  const double patience_s = hung_ ? kGrace_s : std::max(kGrace_s, time_limit_s_.load());
  if (others_ != nullptr || Seconds(now - std::max(since_, stopped_at_)).count() > patience_s)
    end_process();
}

void WaitBoard::monitor() {
  since_ = Clock::now();
  std::unique_lock lock(mutex_);
  while (!quit_) {
    wake_monitor_.wait_until(lock, Deadline::now() + kLook);
    if (quit_) return;
    lock.unlock();
    try {
      if (others_ != nullptr) others_->look(*this);
      look_for_deadlock();
      end_if_stopped();
    } catch (const std::bad_alloc&) {  // no memory for words: it looks again
    }
    lock.lock();
  }
}

}  // namespace shardpipe::cpu
