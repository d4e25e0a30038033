// Supply: how much more memory, and how many more threads, this process may have, and what says so.
// What would not fit is refused with these figures before work begins; a process that was let go
// too far is killed, and says nothing.
#pragma once

#include <cstdint>
#include <string>

namespace shardpipe {

struct Available {
  double amount = 0;    // of bytes or threads; infinite: nothing limits it
  std::string by = {};  // what does: "ulimit -v", "memory.max of its cgroup", "MemAvailable"
};

// What the process itself is held to (getrlimit); of threads in its user's processes.
struct ProcessLimits {
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  std::uint64_t address_space = kNone, data = kNone;  // bytes
  std::uint64_t threads = kNone;                      // not for root
  std::uint64_t stack = 8 << 20;                      // bytes of a new thread's, of address space
  std::uint32_t user = 0;
};

ProcessLimits limits_of_process();

class Supply {
 public:
  // root: before /proc and /sys, for tests. Files that are not there limit nothing.
  explicit Supply(std::string root = "", ProcessLimits limits = limits_of_process())
      : root_(std::move(root)), limits_(limits) {}

  // The least of: ulimit -v and -d less what the process has, the limits of its cgroup and those
  // above it (v1 and v2) less what they hold and could not give back, what the machine has left.
  // threads: as many will be started, and their stacks count as address space; so does `reserved`,
  // bytes that a library asks for and does not fill.
  Available memory(double threads = 0, double reserved = 0) const;

  // The least of: ulimit -u less the threads of the user, pids.max of the cgroups less theirs.
  Available threads() const;

 private:
  void limit_by_process(Available& least, double threads, double reserved) const;
  void limit_by_cgroups(Available& least, const std::string& controller) const;
  double threads_of_user() const;

  std::string root_;
  ProcessLimits limits_;
};

}  // namespace shardpipe
