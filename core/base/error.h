// Error: the one exception of the kit, with the exit code it leads to and the place it was raised.
// Messages carry the numbers: "gemm: [2,3] x [4,5] does not give [2,5]".
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace shardpipe {

// What the program returns when an Error reaches main (docs/architecture.md, "Exit codes").
enum class ExitCode : int {
  success = 0,
  failed = 1,    // the thing itself failed: wrong answer, a test, no feasible plan
  usage = 2,     // bad flag, file or configuration: one line that says what is allowed
  not_written = 3,  // an exercise whose answer is not written yet
  deadlock = 4,  // ranks that wait for each other, or for longer than the time limit
  crash = 5,     // a rank threw
  absent = 6,    // not run: this machine lacks what it needs
  fault = 7,     // a fault of the kit itself
};

// Bad input, or a machine that lacks something: the same on all ranks, so said once and as it is.
constexpr bool is_about_input(ExitCode code) {
  return code == ExitCode::usage || code == ExitCode::absent;
}

// A place in the source. Where::here() as a default argument names the caller.
struct Where {
  const char* file = "";
  int line = 0;
  static constexpr Where here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

class Error : public std::runtime_error {
 public:
  Error(const std::string& message, ExitCode code, Where where)
      : std::runtime_error(message), code_(code), where_(where) {}

  ExitCode code() const { return code_; }
  Where where() const { return where_; }

 private:
  ExitCode code_;
  Where where_;
};

// Builds a message from its parts: text("shape ", m, " x ", n).
template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

// A mistake of the program that runs on the kit (or of the kit): throws Error(failed).
[[noreturn]] void fail(const std::string& message, Where where = Where::here());

// As fail, for another exit code.
[[noreturn]] void fail(ExitCode code, const std::string& message, Where where = Where::here());

// Bad input of a person: throws Error(usage). Say what was given and what is allowed.
[[noreturn]] void usage_error(const std::string& message, Where where = Where::here());

// Throws Error(failed) unless `condition` holds. For messages with numbers: if (!ok)
// fail(text(...)).
inline void require(bool condition, const char* message, Where where = Where::here()) {
  if (!condition) fail(message, where);
}

}  // namespace shardpipe
