#include "labs/learn/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "core/base/error.h"
#include "labs/cli/held_signals.h"

namespace shardpipe {
namespace {

constexpr int kReportDescriptor = 3;
constexpr std::size_t kMostReport = 16 << 20;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Pipe {
  int read_end = -1, write_end = -1;

  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail(ExitCode::fault, text("no pipe: ", std::strerror(errno)));
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

void limit(int what, std::size_t most) {
  const rlimit limits = {most, most};
  setrlimit(static_cast<__rlimit_resource>(what), &limits);
}

// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(char* const* argv, const Pipe& report, const Pipe& output,
                         const ChildLimits& limits, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(7);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(output.write_end, STDOUT_FILENO);
  dup2(output.write_end, STDERR_FILENO);
  // dup2 onto itself would leave O_CLOEXEC set.
  const int to_report = report.write_end == kReportDescriptor
                            ? fcntl(report.write_end, F_SETFD, 0)
                            : dup2(report.write_end, kReportDescriptor);
  if (to_report < 0) _exit(7);
  limit(RLIMIT_CPU, static_cast<std::size_t>(limits.cpu_seconds));
  limit(RLIMIT_AS, limits.memory_bytes);
  limit(RLIMIT_CORE, 0);
  execv(argv[0], argv);
  _exit(7);
}

// Takes what is there; false at the end of the stream.
bool take(int descriptor, std::string& kept, std::size_t most, std::size_t& left_out) {
  std::array<char, 1 << 16> bytes;
  const ssize_t n = read(descriptor, bytes.data(), bytes.size());
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  const std::size_t got = static_cast<std::size_t>(n);
  const std::size_t room = std::min(got, most - std::min(most, kept.size()));
  kept.append(bytes.data(), room);
  left_out += got - room;
  return n > 0;
}

class Hearing {
 public:
  Hearing(pid_t child, Pipe& report, Pipe& output, const ChildLimits& limits)
      : child_(child), report_(report), output_(output), limits_(limits) {}

  ChildEnd hear() {
    // The child itself decides when it is over; what it started may hold the pipes open.
    while (!ended() && HeldSignals::came() == 0 && seconds_since(begin_) < limits_.seconds)
      listen(50);
    end_.timed_out = !ended_;
    if (!ended_) ask_to_end();
    kill(-child_, SIGKILL);
    while (!ended_) wait_for_child(0);
    while (listen(0)) {
    }
    end_.seconds = seconds_since(begin_);
    return end_;
  }

 private:
  // One that has others to end, as mpirun has, gets the time for it.
  void ask_to_end() {
    kill(-child_, SIGTERM);
    const auto asked = Clock::now();
    while (!ended() && seconds_since(asked) < 1) listen(50);
  }

  bool ended() {
    if (!ended_) wait_for_child(WNOHANG);
    return ended_;
  }

  void wait_for_child(int options) {
    int status = 0;
    if (waitpid(child_, &status, options) != child_) return;
    ended_ = true;
    end_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    end_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

  // True if there was something to take.
  bool listen(int milliseconds) {
    std::array<pollfd, 2> both = {{{report_.read_end, POLLIN, 0}, {output_.read_end, POLLIN, 0}}};
    if (poll(both.data(), both.size(), milliseconds) <= 0) return false;
    std::size_t none = 0;
    if (both[0].revents != 0 && !take(report_.read_end, end_.report, kMostReport, none))
      Pipe::close_end(report_.read_end);
    if (both[1].revents != 0 &&
        !take(output_.read_end, end_.output, limits_.output_bytes, end_.output_left_out))
      Pipe::close_end(output_.read_end);
    return report_.read_end >= 0 || output_.read_end >= 0;
  }

  pid_t child_;
  Pipe &report_, &output_;
  const ChildLimits& limits_;
  const Clock::time_point begin_ = Clock::now();
  bool ended_ = false;
  ChildEnd end_;
};

}  // namespace

std::string find_program(const std::string& name, const std::string& what_for) {
  std::istringstream folders(std::getenv("PATH") != nullptr ? std::getenv("PATH") : "/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((folder + "/" + name).c_str(), X_OK) == 0) return folder + "/" + name;
  fail(ExitCode::absent, text(name, " is not on PATH, and ", what_for));
}

ChildEnd run_child(const std::vector<std::string>& words, const ChildLimits& limits) {
  std::vector<std::string> copies = words;
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  Pipe report, output;
  const HeldSignals held;  // until the child has gone
  const pid_t parent = getpid(), child = fork();
  if (child < 0) fail(ExitCode::fault, text("no process: ", std::strerror(errno)));
  if (child == 0) become(argv.data(), report, output, limits, parent);
  setpgid(child, child);  // both do it: whoever comes first
  Pipe::close_end(report.write_end);
  Pipe::close_end(output.write_end);
  return Hearing(child, report, output, limits).hear();
}

}  // namespace shardpipe
