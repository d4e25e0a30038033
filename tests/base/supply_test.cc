// What a process may have, from files and limits that the test gives it.
#include "core/base/supply.h"

#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace shardpipe {
namespace {

constexpr double kMiB = 1 << 20;

struct Machine {
  TemporaryFolder folder;

  Machine& has(const std::string& file, const std::string& bytes) {
    folder.write(file, bytes);
    return *this;
  }
  Available memory(ProcessLimits limits = {}, double threads = 0, double reserved = 0) const {
    return Supply(folder.path().string(), limits).memory(threads, reserved);
  }
  Available threads(ProcessLimits limits = {}) const {
    return Supply(folder.path().string(), limits).threads();
  }
};

constexpr const char* kMeminfo =
    "MemTotal:  8388608 kB\nMemFree:  1 kB\nMemAvailable:  4194304 kB\n";

}  // namespace

TEST_CASE("a machine that says nothing limits nothing; else MemAvailable is what there is") {
  Machine machine;
  CHECK(std::isinf(machine.memory().amount));
  CHECK(std::isinf(machine.threads().amount));
  machine.has("proc/meminfo", kMeminfo);
  CHECK(machine.memory().amount == 4096 * kMiB);
  CHECK(machine.memory().by == "MemAvailable of /proc/meminfo");
}

TEST_CASE("cgroups, version 2: the least of a group and those above it, less what they hold") {
  Machine machine;
  machine.has("proc/meminfo", kMeminfo)
      .has("proc/self/cgroup", "0::/user/job\n")
      .has("sys/fs/cgroup/user/job/memory.max", "max\n")
      .has("sys/fs/cgroup/user/job/memory.current", "1048576\n");
  CHECK(machine.memory().amount == 4096 * kMiB);
  machine.has("sys/fs/cgroup/user/memory.max", "1073741824\n")
      .has("sys/fs/cgroup/user/memory.current", "805306368\n");
  CHECK(machine.memory().amount == 256 * kMiB);
  CHECK(machine.memory().by == "memory.max of the cgroup /user");
  // What the file cache holds can be had.
  machine.has("sys/fs/cgroup/user/memory.stat", "anon 1\ninactive_file 268435456\n");
  CHECK(machine.memory().amount == 512 * kMiB);
  machine.has("sys/fs/cgroup/user/job/memory.max", "3145728\n");
  CHECK(machine.memory().amount == 2 * kMiB);
  machine.has("sys/fs/cgroup/user/job/pids.max", "100\n")
      .has("sys/fs/cgroup/user/job/pids.current", "93\n");
  CHECK(machine.threads().amount == 7);
  CHECK(machine.threads().by == "pids.max of the cgroup /user/job");
  machine.has("sys/fs/cgroup/user/job/pids.current", "101\n");
  CHECK(machine.threads().amount == 0);
}

TEST_CASE("cgroups, version 1: each controller has a tree; a path of the host is not in ours") {
  Machine machine;
  machine
      .has("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/docker/abc\n3:pids:/docker/abc\n")
      .has("sys/fs/cgroup/memory/memory.limit_in_bytes", "104857600\n")
      .has("sys/fs/cgroup/memory/memory.usage_in_bytes", "52428800\n")
      .has("sys/fs/cgroup/memory/memory.stat", "inactive_file 7\ntotal_inactive_file 10485760\n")
      .has("sys/fs/cgroup/pids/docker/abc/pids.max", "max\n")
      .has("sys/fs/cgroup/pids/pids.max", "20\n")
      .has("sys/fs/cgroup/pids/pids.current", "5\n");
  CHECK(machine.memory().amount == 60 * kMiB);
  CHECK(machine.memory().by == "memory.limit_in_bytes of the cgroup /");
  CHECK(machine.threads().amount == 15);
}

TEST_CASE("ulimit -v, -d and -u count what is there already, and stacks of threads to come") {
  Machine machine;
  machine.has("proc/meminfo", kMeminfo)
      .has("proc/self/status", "Name: lab\nVmSize:  102400 kB\nVmData:  51200 kB\n");
  ProcessLimits limits{.address_space = 300 << 20, .stack = 8 << 20, .user = 1000};
  CHECK(machine.memory(limits).amount == 200 * kMiB);
  CHECK(machine.memory(limits).by == "ulimit -v");
  CHECK(machine.memory(limits, 10).amount == 120 * kMiB);
  CHECK(machine.memory(limits, 10, 100 * kMiB).amount == 20 * kMiB);
  CHECK(machine.memory(limits, 100).amount == 0);
  limits.data = 100 << 20;
  CHECK(machine.memory(limits).amount == 50 * kMiB);
  CHECK(machine.memory(limits).by == "ulimit -d");
  machine.has("proc/1/status", "Uid:\t0\t0\t0\t0\nThreads:\t7\n")
      .has("proc/12/status", "Uid:\t1000\t1000\t1000\t1000\nThreads:\t3\n")
      .has("proc/13/status", "Uid:\t1000\t1000\t1000\t1000\nThreads:\t4\n");
  CHECK(std::isinf(machine.threads(limits).amount));
  limits.threads = 10;
  CHECK(machine.threads(limits).amount == 3);
  CHECK(machine.threads(limits).by == "ulimit -u");
}

TEST_CASE("this machine says something of its memory") {
  CHECK(Supply().memory().amount > 0);
  CHECK(!Supply().memory().by.empty());
}

}  // namespace shardpipe
