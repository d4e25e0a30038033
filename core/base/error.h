// Error: the one exception of the kit, with the exit code it leads to and the place it was raised.
// Messages carry the numbers: "gemm: [2,3] x [4,5] does not give [2,5]".
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

#include "core/base/where.h"

namespace shardpipe {

// What the program returns when an Error reaches main; kExitCodes says it to people.
enum class ExitCode : int {
  success = 0,
  wrong = 1,  // found by comparing: results, calls of ranks, accesses to memory, a schedule
  usage = 2,  // one line says what is allowed
  not_written = 3,
  deadlock = 4,
  crash = 5,  // one rank by itself: it threw, or called what cannot be done
  absent = 6,
  fault = 7,
};

struct ExitMeaning {
  ExitCode code;
  const char* words;
};

// `lab help` and docs/cli.md show this table.
inline constexpr ExitMeaning kExitCodes[] = {
    {ExitCode::success, "success"},
    {ExitCode::wrong, "a check or an answer is wrong"},
    {ExitCode::usage, "input, environment, or refused before work; your file does not compile"},
    {ExitCode::not_written, "not written yet"},
    {ExitCode::deadlock, "no progress: a deadlock, or the time limit"},
    {ExitCode::crash, "a rank failed while running: a crash, an exception, resources"},
    {ExitCode::absent, "not to be had here"},
    {ExitCode::fault, "a bug of the kit"},
};

// Bad input, or a machine that lacks something: the same on all ranks, so said once and as it is.
constexpr bool is_about_input(ExitCode code) {
  return code == ExitCode::usage || code == ExitCode::absent;
}

class Error : public std::runtime_error {
 public:
  Error(const std::string& message, ExitCode code, Where where, bool is_of_resources = false)
      : std::runtime_error(message),
        code_(code),
        where_(where),
        is_of_resources_(is_of_resources) {}

  ExitCode code() const { return code_; }
  Where where() const { return where_; }
  // Memory or threads were not to be had: something smaller may go well.
  bool is_of_resources() const { return is_of_resources_; }
  // The same in other words.
  Error with(const std::string& message) const {
    return Error(message, code_, where_, is_of_resources_);
  }

 private:
  ExitCode code_;
  Where where_;
  bool is_of_resources_;
};

// Builds a message from its parts: text("shape ", m, " x ", n).
template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

// Any exception as an Error: itself if it is one, else Error(crash). Of resources are those by
// which the language says that memory or threads are not to be had.
Error error_of(const std::exception& e);

// Throws Error(crash), of resources.
[[noreturn]] void out_of_resources(const std::string& message, Where where = Where::here());

// f(); what it could not have of memory or threads is said with `words` before it: a file's name.
template <class F>
auto naming(const std::string& words, const F& f) {
  try {
    return f();
  } catch (const std::exception& e) {
    const Error error = error_of(e);
    if (!error.is_of_resources()) throw;
    throw error.with(text(words, ": ", error.what()));
  }
}

// A mistake of the program that runs on the kit: throws Error(crash).
[[noreturn]] void fail(const std::string& message, Where where = Where::here());

// As fail, for another exit code.
[[noreturn]] void fail(ExitCode code, const std::string& message, Where where = Where::here());

// Bad input of a person: throws Error(usage). Say what was given and what is allowed.
[[noreturn]] void usage_error(const std::string& message, Where where = Where::here());

// Throws Error(crash) unless `condition` holds. For messages with numbers: if (!ok)
// fail(text(...)).
inline void require(bool condition, const char* message, Where where = Where::here()) {
  if (!condition) fail(message, where);
}

}  // namespace shardpipe
