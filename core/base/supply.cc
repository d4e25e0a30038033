#include "core/base/supply.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

namespace shardpipe {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();
constexpr double kKiB = 1024;

// no InputFile: what the kernel shows as files has no size, and changes while it is read
std::ifstream kernel_file(const std::string& file) { return std::ifstream(file); }

// The number after `name` in a file of lines "name: 12 kB" or "name 12"; `otherwise` if it has
// none.
double number_in(const std::string& file, const std::string& name, double otherwise) {
  auto in = kernel_file(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    double number = 0;
    if (words >> word && word == name && words >> number) return number;
  }
  return otherwise;
}

// The number that is all of a file; "max" and what is not there are infinite.
double number_of(const std::string& file) {
  auto in = kernel_file(file);
  double number = 0;
  return in >> number ? number : kUnlimited;
}

void lower(Available& least, double amount, const std::string& by) {
  if (amount < least.amount) least = {std::max(0.0, amount), by};
}

std::uint64_t soft_limit(decltype(RLIMIT_AS) resource) {
  rlimit limit = {};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return ProcessLimits::kNone;
  return limit.rlim_cur;
}

double left_of(std::uint64_t limit, double used) {
  return limit == ProcessLimits::kNone ? kUnlimited : static_cast<double>(limit) - used;
}

// How one version of cgroups calls what it limits.
struct CgroupFiles {
  const char *folder, *most, *used, *reclaimable;
};

// Of a folder of the cgroup tree: what it may still have. What a file cache holds can be had.
double left_in(const std::string& folder, const CgroupFiles& files) {
  const double most = number_of(folder + "/" + files.most);
  const double used = number_of(folder + "/" + files.used);
  if (std::isinf(most) || std::isinf(used)) return kUnlimited;
  return most - used + number_in(folder + "/memory.stat", files.reclaimable, 0);
}

}  // namespace

ProcessLimits limits_of_process() {
  ProcessLimits limits{.address_space = soft_limit(RLIMIT_AS),
                       .data = soft_limit(RLIMIT_DATA),
                       .threads = geteuid() == 0 ? ProcessLimits::kNone : soft_limit(RLIMIT_NPROC),
                       .user = geteuid()};
  const std::uint64_t stack = soft_limit(RLIMIT_STACK);
  if (stack != ProcessLimits::kNone) limits.stack = stack;
  return limits;
}

Available Supply::memory(double threads, double reserved) const {
  Available least{.amount = kUnlimited};
  lower(least, kKiB * number_in(root_ + "/proc/meminfo", "MemAvailable:", kUnlimited),
        "MemAvailable of /proc/meminfo");
  limit_by_cgroups(least, "memory");
  limit_by_process(least, threads, reserved);
  return least;
}

Available Supply::threads() const {
  Available least{.amount = kUnlimited};
  limit_by_cgroups(least, "pids");
  if (limits_.threads != ProcessLimits::kNone)
    lower(least, left_of(limits_.threads, threads_of_user()), "ulimit -u");
  return least;
}

void Supply::limit_by_process(Available& least, double threads, double reserved) const {
  const std::string status = root_ + "/proc/self/status";
  const double more = reserved + threads * static_cast<double>(limits_.stack);
  lower(least, left_of(limits_.address_space, kKiB * number_in(status, "VmSize:", 0) + more),
        "ulimit -v");
  lower(least, left_of(limits_.data, kKiB * number_in(status, "VmData:", 0) + more), "ulimit -d");
}

// /proc/self/cgroup has a line "4:memory:/a/b" for each controller of version 1, and "0::/a/b" for
// version 2. In a container the path may be the host's, while the tree begins with its own folder:
// what does not exist limits nothing, and the top is always looked at.
void Supply::limit_by_cgroups(Available& least, const std::string& controller) const {
  const bool is_memory = controller == "memory";
  const CgroupFiles old = is_memory ? CgroupFiles{"/memory", "memory.limit_in_bytes",
                                                  "memory.usage_in_bytes", "total_inactive_file"}
                                    : CgroupFiles{"/pids", "pids.max", "pids.current", ""};
  const CgroupFiles unified = is_memory
                                  ? CgroupFiles{"", "memory.max", "memory.current", "inactive_file"}
                                  : CgroupFiles{"", "pids.max", "pids.current", ""};
  auto in = kernel_file(root_ + "/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool is_unified = names == ",,";
    if (!is_unified && names.find("," + controller + ",") == std::string::npos) continue;
    const CgroupFiles& files = is_unified ? unified : old;
    const std::string top = root_ + "/sys/fs/cgroup" + files.folder;
    std::filesystem::path path = line.substr(second + 1);
    for (bool more = true; more; path = path.parent_path()) {
      more = path.has_relative_path();
      lower(least, left_in(top + path.string(), files),
            std::string(files.most) + " of the cgroup " + path.string());
    }
  }
}

// Of all processes of the user: they share the limit.
double Supply::threads_of_user() const {
  double threads = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root_ + "/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (std::isdigit(static_cast<unsigned char>(name[0])) == 0) continue;
    const std::string status = entry.path().string() + "/status";
    if (number_in(status, "Uid:", -1) == static_cast<double>(limits_.user))
      threads += number_in(status, "Threads:", 0);
  }
  return threads;
}

}  // namespace shardpipe
