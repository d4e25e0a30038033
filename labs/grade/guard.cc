#include "labs/grade/guard.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/launch/exit_guard.h"

namespace shardpipe {
namespace {

struct Place {
  const char* device = "";
  char case_name[160] = "";
  int rank = -1;
};

// Of this thread; read by the signal handler, which runs on it.
Place& place() {
  thread_local Place of_thread;
  return of_thread;
}

struct Watch {
  int descriptor = -1;
  std::uintptr_t begin = 0;  // where the answer's library lies in memory
};

Watch& watch() {
  static Watch of_process;
  return of_process;
}

// The innermost frame inside the answer's library, as an offset; 0: none.
std::uintptr_t offset_in_answer() {
  std::array<void*, 64> frames = {};
  const int count = backtrace(frames.data(), static_cast<int>(frames.size()));
  for (int i = 0; i < count; ++i) {
    Dl_info info = {};
    if (dladdr(frames[static_cast<std::size_t>(i)], &info) == 0) continue;
    const auto base = reinterpret_cast<std::uintptr_t>(info.dli_fbase);
    // A return address is that of the next line's code.
    if (base == watch().begin)
      return reinterpret_cast<std::uintptr_t>(frames[static_cast<std::size_t>(i)]) - base - 1;
  }
  return 0;
}

[[noreturn]] void tell(const char* what) {
  char line[320];
  const int length =
      std::snprintf(line, sizeof line, "fault %s|%s|%s|%d|%zx\n", what, place().device,
                    place().case_name, place().rank, static_cast<std::size_t>(offset_in_answer()));
  if (length > 0 && write(watch().descriptor, line, static_cast<std::size_t>(length)) < 0) _exit(7);
  _exit(5);
}

const char* name_of_signal(int number) {
  switch (number) {
    case SIGSEGV: return "a memory access that is not allowed (SIGSEGV)";
    case SIGBUS: return "a memory access that is not allowed (SIGBUS)";
    case SIGFPE: return "an integer division by zero (SIGFPE)";
    case SIGILL: return "an instruction that does not exist (SIGILL)";
    case SIGABRT: return "an assertion or abort() (SIGABRT)";
    case SIGXCPU: return "more processor time than an answer may take";
    default: return "a signal";
  }
}

void on_signal(int number) { tell(name_of_signal(number)); }

void on_fork() { tell("fork(): another process was started"); }

}  // namespace

Guarded::Guarded(const char* device, const std::string& case_name, int rank) {
  place().device = device;
  place().rank = rank;
  std::snprintf(place().case_name, sizeof place().case_name, "%s", case_name.c_str());
}

Guarded::~Guarded() { place() = {}; }

void watch_for_faults(int descriptor, const std::string& library, const std::string& name) {
  watch().descriptor = descriptor;
  // Known to the dynamic linker already, so this only finds it.
  if (void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_NOLOAD)) {
    Dl_info info = {};
    if (void* entry = dlsym(handle, name.c_str()); entry != nullptr && dladdr(entry, &info))
      watch().begin = reinterpret_cast<std::uintptr_t>(info.dli_fbase);
    dlclose(handle);
  }
  std::array<void*, 2> frames = {};
  backtrace(frames.data(), 2);  // loads what it needs, which a signal handler must not

  static std::array<char, 1 << 16> stack;  // for a thread whose own is used up
  stack_t other = {};
  other.ss_sp = stack.data();
  other.ss_size = stack.size();
  sigaltstack(&other, nullptr);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU})
    sigaction(number, &action, nullptr);
  pthread_atfork(on_fork, nullptr, nullptr);
}

}  // namespace shardpipe
