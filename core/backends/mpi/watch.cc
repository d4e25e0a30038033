#include "core/backends/mpi/watch.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <iostream>
#include <limits>
#include <thread>

#include "core/backends/mpi/library.h"
#include "core/base/terminal.h"

namespace shardpipe::mpi {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr double kPatience_s = 1;          // with a process that does not answer
constexpr double kPatienceIfItRuns_s = 3;  // and that the kernel says to run
constexpr double kPatienceToEnd_s = 0.2;   // for a sentence that is on its way, or to be read
constexpr double kToWakeUp_s = 0.4;        // for a launcher that was stopped
constexpr double kStart_s = 60;            // a launcher may start one so much later than another
constexpr double kToBeEnded_s = 4.5;       // by a launcher that has one failed process
constexpr auto kMostAbort = std::chrono::seconds(5);  // from the sentence on, whatever MPI does
constexpr auto kPauseToBeEnded = std::chrono::milliseconds(10);
constexpr int kLooksAtLauncher = 10;  // every so many looks
constexpr int kQuestions = 4096;      // numbers of questions, before they begin again
constexpr double kNever = std::numeric_limits<double>::infinity();

std::size_t index(int rank) { return static_cast<std::size_t>(rank); }

// MPI_Abort ends the processes of this host at once and others when their host has heard of it.
// Where a host is lost it may wait for ever.
void exit_at_the_latest(int code) {
  std::thread([code] {
    std::this_thread::sleep_for(kMostAbort);
    std::_Exit(code);
  }).detach();
}

void say_last_words(const std::string& sentence, int code) {
  std::signal(SIGPIPE, SIG_IGN);  // who would have read it may have gone
  say_error(sentence, static_cast<ExitCode>(code));
  std::this_thread::sleep_for(Seconds(kPatienceToEnd_s));  // else mpirun may end before it reads
  std::cout.flush();  // last: it waits where the program is stuck in a write of its own
}

volatile std::sig_atomic_t& told_to_end() {
  static volatile std::sig_atomic_t told = 0;
  return told;
}

void on_told_to_end(int) { told_to_end() = 1; }

[[noreturn]] void die_as_told() {
  std::signal(SIGTERM, SIG_DFL);
  std::raise(SIGTERM);
  std::_Exit(static_cast<int>(ExitCode::crash));
}

// mpirun ends its processes by SIGTERM, in order after one has failed, but without a word when it
// was told to end itself.
void listen_to_launcher() {
  struct sigaction before = {};
  sigaction(SIGTERM, nullptr, &before);
  if (before.sa_handler == SIG_DFL) std::signal(SIGTERM, on_told_to_end);
}

}  // namespace

Watch::Watch(const Processes& started)
    : rank_(started.rank),
      size_(started.size),
      has_launcher_(!started.rank_variable.empty()),
      here_(started.rank_variable),
      answers_(index(size_)) {
  if (has_launcher_) listen_to_launcher();
}

Watch::~Watch() = default;

void Watch::connect(MPI_Comm comm) {
  const std::lock_guard lock(mutex_);
  comm_ = comm;
  check(MPI_Comm_rank(comm, &rank_));
  check(MPI_Comm_size(comm, &size_));
  here_.find();  // all have come
  answers_.resize(index(size_));
  is_awaited_.resize(index(size_));
  parts_.resize(index(size_));
  phase_ = Phase::connected;
}

// Letters nobody has read keep their memory: MPI may still send them.
void Watch::disconnect() {
  const std::lock_guard lock(mutex_);
  phase_ = Phase::ending;
  for (auto& letter : outbox_) {
    int done = 0;
    MPI_Test(&letter->sent, &done, MPI_STATUS_IGNORE);
    if (done == 0) static_cast<void>(letter.release());
  }
  outbox_.clear();
}

void Watch::set_picture(LastPicture picture) {
  const std::lock_guard lock(mutex_);
  picture_ = std::move(picture);
}

void Watch::tell_said(int code) {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  if (phase_ != Phase::connected) return;
  for (int r = 0; r < size_; ++r)
    if (r != rank_) send(r, Kind::said, 0, code, "");
}

void Watch::look(cpu::WaitBoard& board) {
  const std::lock_guard lock(mutex_);
  if (told_to_end() != 0) end_as_told(board);
  if (has_launcher_ && ++looks_ % kLooksAtLauncher == 0) look_at_launcher();
  if (phase_ == Phase::connected) read_letters(board);
}

// Nobody else would end a process whose launcher was killed.
void Watch::look_at_launcher() {
  if (here_.launcher() != LocalRanks::State::gone) return;
  const int code = static_cast<int>(ExitCode::crash);
  exit_at_the_latest(code);
  say_last_words(text("rank ", rank_, " ends, because ", here_.words_about_launcher()), code);
  here_.kill_all_others();
  std::_Exit(code);
}

// Unless one of them has said why, rank 0 says it for all; another one if that is stopped. mpirun
// hands nothing on once the first of its processes has gone, so who does not speak goes last.
void Watch::end_as_told(cpu::WaitBoard& board) {
  const bool speaks = rank_ == 0 || (here_.state_of(0) == LocalRanks::State::stopped &&
                                     here_.first_running() == rank_);
  const int never = 1;
  if (phase_ == Phase::connected && !ending_) wait_for_letters(board, never, kPatienceToEnd_s);
  if (!ending_) {
    if (speaks)
      say_last_words(text("rank ", rank_, " ends, because it was told to (SIGTERM)"),
                     static_cast<int>(ExitCode::crash));
    std::this_thread::sleep_for(Seconds(speaks ? kPatienceToEnd_s : 3 * kPatienceToEnd_s));
  }
  die_as_told();
}

std::vector<cpu::Answer> Watch::ask(cpu::WaitBoard& board) {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::connected)
    ask_by_letter(board);
  else
    ask_kernel(board);
  speaker_ = 0;
  while (speaker_ != rank_ && std::isinf(answers_[index(speaker_)].idle_s)) ++speaker_;
  return answers_;
}

void Watch::ask_by_letter(cpu::WaitBoard& board) {
  question_ = (question_ + 1) % kQuestions;
  missing_ = 0;
  double patience_s = kPatience_s;
  for (int r = 0; r < size_; ++r) {
    if (r == rank_) continue;
    const bool can_answer = here_.state_of(r) == LocalRanks::State::running;
    answers_[index(r)] = {kNever, text("rank ", r, " does not answer",
                                       can_answer ? "" : ": it " + here_.words_about(r))};
    is_awaited_[index(r)] = can_answer;
    if (!can_answer) continue;
    ++missing_;
    if (here_.is_known(r)) patience_s = kPatienceIfItRuns_s;
    send(r, Kind::question, question_, 0, "");
  }
  wait_for_letters(board, missing_, patience_s);
  answers_[index(rank_)] = board.answer();
  missing_ = 0;
}

// Who runs may yet come, or be about to come back from a call of MPI; nobody can tell.
void Watch::ask_kernel(cpu::WaitBoard& board) {
  here_.find();
  const auto runs = LocalRanks::State::running;
  bool is_hopeless = here_.launcher() != runs || phase_ == Phase::ending ||
                     Seconds(Clock::now() - began_).count() > kStart_s + board.time_limit_s();
  for (int r = 0; r < size_; ++r)
    is_hopeless = is_hopeless || (r != rank_ && here_.state_of(r) != runs);
  for (int r = 0; r < size_; ++r)
    answers_[index(r)] = {is_hopeless ? kNever : 0,
                          here_.is_known(r) ? text("rank ", r, " ", here_.words_about(r)) : ""};
  answers_[index(rank_)] = board.answer();
  if (here_.launcher() != runs) answers_[index(rank_)].waits += "; " + here_.words_about_launcher();
}

void Watch::end(cpu::WaitBoard& board, const std::string& sentence, ExitCode code) {
  const std::lock_guard lock(mutex_);
  const int number = static_cast<int>(code);
  if (phase_ != Phase::connected) end_by_oneself(board, sentence, number);
  if (rank_ != speaker_) {
    send(speaker_, Kind::verdict, 0, number, sentence);
    const int never = 1;
    wait_for_letters(board, never, kPatience_s);  // others may be asking
  }
  say_and_abort(board, sentence, number);
}

// Of several on this host the first one speaks and is gone. Then its launcher ends the others.
void Watch::end_by_oneself(cpu::WaitBoard& board, const std::string& sentence, int code) {
  const bool speaks = here_.first_running() == rank_;
  exit_at_the_latest(code);
  if (!speaks) wait_to_be_ended(board);
  wake_launcher();
  say_last_words(sentence, code);
  if (!speaks) here_.kill_all_others();
  std::_Exit(code);
}

// By its launcher, within seconds; who comes back from here has to do it himself.
void Watch::wait_to_be_ended(cpu::WaitBoard& board) {
  double waited_s = 0;
  for (const auto begin = Clock::now(); waited_s < kToBeEnded_s;
       waited_s = Seconds(Clock::now() - begin).count()) {
    if (told_to_end() != 0) die_as_told();
    if (waited_s > kPatience_s) here_.wake_launcher();  // the speaker has had the time for it
    if (phase_ == Phase::connected) read_letters(board);
    std::this_thread::sleep_for(kPauseToBeEnded);
  }
}

// It first does what it has missed, for processes that should still be there.
void Watch::wake_launcher() const {
  if (here_.wake_launcher()) std::this_thread::sleep_for(Seconds(kToWakeUp_s));
}

void Watch::say_and_abort(cpu::WaitBoard& board, const std::string& sentence, int code) {
  ending_ = true;
  exit_at_the_latest(code);
  wake_launcher();
  say_last_words(sentence, code);
  for (int r = 0; r < size_; ++r)
    if (r != rank_) send(r, Kind::said, 0, code, "");
  if (picture_.write) take_picture(board);
  MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

void Watch::take_picture(cpu::WaitBoard& board) {
  missing_parts_ = 0;
  for (int r = 0; r < size_; ++r) {
    if (r == rank_ || here_.state_of(r) != LocalRanks::State::running) continue;
    ++missing_parts_;
    send(r, Kind::picture, 0, 0, "");
  }
  parts_[index(rank_)] = picture_.own(board);
  wait_for_letters(board, missing_parts_, kPatience_s);
  try {
    picture_.write(parts_);
  } catch (const std::exception& e) {
    say_error(text("no last picture: ", e.what()), ExitCode::usage);
  }
}

// Another process has said why.
void Watch::wait_for_the_end(cpu::WaitBoard& board, int code) {
  ending_ = true;
  exit_at_the_latest(code);
  wait_to_be_ended(board);
  here_.kill_all_others();
  std::_Exit(code);
}

}  // namespace shardpipe::mpi
