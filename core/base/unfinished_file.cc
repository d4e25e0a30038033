#include "core/base/unfinished_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <string_view>
#include <system_error>

namespace shardpipe {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kEnd = ".lab-part";
constexpr int kLetters = 6;             // between the target's name and kEnd
constexpr std::size_t kMostName = 200;  // of the target's name: all of it has to fit into 255

[[noreturn]] void fail_with(int error) { throw std::system_error(error, std::generic_category()); }

std::string folder_of(const std::string& target) {
  const std::string folder = fs::path(target).parent_path().string();
  return folder.empty() ? "." : folder;
}

// ".step.json.": what all names of unfinished files for a target begin with.
std::string beginning_of(const std::string& target) {
  return "." + fs::path(target).filename().string().substr(0, kMostName) + ".";
}

std::string new_name(const std::string& target) {
  static constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string name = folder_of(target) + "/" + beginning_of(target);
  for (int i = 0; i < kLetters; ++i) name += kAlphabet[random() % kAlphabet.size()];
  return name.append(kEnd);
}

// The names that must not outlive this process. A handler of signals may not allocate or wait, so
// they lie in a table of fixed size; a file that finds it full is written all the same.
class Names {
 public:
  static Names& all() {
    static Names names;
    return names;
  }

  void add(const std::string& name) {
    catch_signals();
    for (Entry& entry : entries_) {
      if (name.size() >= entry.name.size() || entry.is_taken.exchange(true)) continue;
      name.copy(entry.name.data(), name.size());
      entry.name[name.size()] = '\0';
      entry.process.store(getpid());
      return;
    }
  }

  void remove(const std::string& name) {
    for (Entry& entry : entries_)
      if (entry.process.load() == getpid() && name == entry.name.data()) {
        entry.process.store(0);
        entry.is_taken.store(false);
        return;
      }
  }

 private:
  struct Entry {
    std::atomic<bool> is_taken{false};
    std::atomic<pid_t> process{0};  // whose name it is: not of a child between fork and exec
    std::array<char, PATH_MAX> name = {};
  };

  Names() {
    std::atexit([] { all().unlink_all(); });
  }

  // Whoever handles one already, or ignores it, knows why.
  static void catch_signals() {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
      struct sigaction present = {};
      if (sigaction(signal, nullptr, &present) != 0 || present.sa_handler != SIG_DFL) continue;
      struct sigaction ours = {};
      ours.sa_handler = end_by;
      ours.sa_flags = SA_RESETHAND;
      sigaction(signal, &ours, nullptr);
    }
  }

  // What it would have done, but for the names.
  static void end_by(int signal) {
    all().unlink_all();
    raise(signal);
  }

  void unlink_all() {
    for (const Entry& entry : entries_)
      if (entry.process.load() == getpid()) unlink(entry.name.data());
  }

  std::array<Entry, 16> entries_;
};

bool is_same_file(int descriptor, const std::string& name) {
  struct stat open = {}, there = {};
  return fstat(descriptor, &open) == 0 && lstat(name.c_str(), &there) == 0 &&
         open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

// A process that is alive holds a lock on its unfinished file.
void remove_if_left(const std::string& name) {
  const int descriptor = open(name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return;
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 && is_same_file(descriptor, name))
    unlink(name.c_str());
  close(descriptor);
}

void remove_left_of(const std::string& target) {
  const std::string beginning = beginning_of(target);
  std::error_code unreadable;
  for (fs::directory_iterator it(folder_of(target), unreadable), end; !unreadable && it != end;
       it.increment(unreadable)) {
    const std::string name = it->path().filename().string();
    if (name.size() == beginning.size() + kLetters + kEnd.size() && name.starts_with(beginning) &&
        name.ends_with(kEnd))
      remove_if_left(it->path().string());
  }
}

}  // namespace

UnfinishedFile::UnfinishedFile(const std::string& target, Named named) : target_(target) {
  remove_left_of(target_);
  if (named == Named::if_needed)
    descriptor_ = open(folder_of(target_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (descriptor_ >= 0) {
    flock(descriptor_, LOCK_EX | LOCK_NB);
    return;
  }
  for (;;) {
    name_ = new_name(target_);
    descriptor_ = open(name_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) fail_with(errno);
    if (descriptor_ < 0) continue;
    Names::all().add(name_);
    flock(descriptor_, LOCK_EX | LOCK_NB);
    // One that was written at the same time may have taken it for a leftover before it was locked.
    if (is_same_file(descriptor_, name_)) return;
    Names::all().remove(name_);
    close(descriptor_);
  }
}

UnfinishedFile::~UnfinishedFile() {
  if (!name_.empty()) {
    unlink(name_.c_str());
    Names::all().remove(name_);
  }
  if (descriptor_ >= 0) close(descriptor_);
}

// No call gives a file without a name the name of another one, so for a moment it has its own.
void UnfinishedFile::name_it() {
  const std::string open_file = "/proc/self/fd/" + std::to_string(descriptor_);
  for (;;) {
    name_ = new_name(target_);
    Names::all().add(name_);
    if (linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, name_.c_str(), AT_SYMLINK_FOLLOW) == 0)
      return;
    const int error = errno;
    Names::all().remove(name_);
    name_.clear();
    if (error != EEXIST) fail_with(error);
  }
}

void UnfinishedFile::take_name() {
  // File systems of other machines say only now that there was no room.
  if (close(dup(descriptor_)) != 0) fail_with(errno);
  if (name_.empty()) name_it();
  if (rename(name_.c_str(), target_.c_str()) != 0) fail_with(errno);
  Names::all().remove(name_);
  name_.clear();
}

}  // namespace shardpipe
