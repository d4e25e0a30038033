// WaitBoard where a run has other processes: what it asks them, and how all end.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

#include "core/backends/cpu/wait_board.h"
#include "core/base/terminal.h"

namespace shardpipe::cpu {
namespace {

using Clock = TimePoint::clock;
using Seconds = std::chrono::duration<double>;

constexpr auto kPause = std::chrono::milliseconds(10);
constexpr double kOnTheirWay_s = 0.5;  // others to a wait, after a failure

bool is_wait(const Answer& a) { return a.waits.find(" waits ") != std::string::npos; }

}  // namespace

// A body or a program that never returns cannot be unwound: say why and end the process. A run of
// many processes ends so in any case: MPI cannot call back what others have begun.
void WaitBoard::end_process() {
  std::string sentence;
  ExitCode code = ExitCode::crash;
  try {
    std::rethrow_exception(error());
  } catch (const Error& e) {
    code = e.code();
    sentence = e.what();
  } catch (const std::exception& e) {
    sentence = e.what();
  }
  if (others_ != nullptr) end_all(sentence, code);
  say_error(sentence, code);
  std::_Exit(static_cast<int>(code));
}

// Who still computes is, as a rule, about to wait for the rank that failed.
std::vector<Answer> WaitBoard::ask_until_others_wait() {
  for (const auto until = Clock::now() + Seconds(kOnTheirWay_s);;) {
    std::vector<Answer> answers = others_->ask(*this);
    const auto busy = std::count_if(answers.begin(), answers.end(), std::not_fn(is_wait));
    if (busy <= 1 || Clock::now() > until) return answers;  // 1: this one
    std::this_thread::sleep_for(kPause);
  }
}

void WaitBoard::end_all(std::string sentence, ExitCode code) {
  if (!is_about_input(code) && !hung_)
    for (const Answer& a : ask_until_others_wait())
      if (is_wait(a)) sentence += "; " + a.waits;
  others_->end(*this, sentence, code);
  std::_Exit(static_cast<int>(code));
}

// A wait is a hang only if nothing has moved anywhere.
void WaitBoard::ask_others() {
  const std::vector<Answer> answers = others_->ask(*this);
  double idle_s = Seconds(Clock::now() - since_).count();
  std::string all;
  for (const Answer& a : answers) {
    idle_s = std::min(idle_s, a.idle_s);
    if (!a.waits.empty()) all += (all.empty() ? "" : "; ") + a.waits;
  }
  since_ = Clock::now() - std::chrono::duration_cast<Clock::duration>(Seconds(idle_s));
  if (idle_s <= time_limit_s_) return;
  hung_ = true;
  stop_with(text("no progress for ", time_limit_s_.load(), " s: ", all));
}

}  // namespace shardpipe::cpu
