// What the kit says goes through here: answers to stdout, all else to stderr.
#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include "core/base/error.h"

namespace shardpipe {

// What is said of an error: printable, for it may hold names from outside, and one line; only what
// was found by comparing may have a picture below it. fail() and usage_error() make it so.
std::string printable_message(const std::string& message, ExitCode code);

// "lab: <line>" on stderr. One line, whatever is in it.
void say(const std::string& line);
void say_bare(const std::string& line);  // "<line>"
// "lab: <message>". It waits for nobody who is about to write to stdout: it can be the last word of
// a process that hangs.
void say_error(const std::string& message, ExitCode code);
void say_error_as(const char* program, const std::string& message, ExitCode code);

// As printf, on std::cout.
[[gnu::format(printf, 1, 2)]] void print(const char* format, ...);

// Empties the screen.
void clear_terminal();

// While it lives what goes to std::cout reaches stdout as printable lines (core/base/printable.h),
// and on a terminal with the colours that the kit draws. So a name that nobody has escaped can do
// no harm; that it adds no line, and has no colour, is for those who print it: they say
// printable().
class PrintableOutput {
 public:
  PrintableOutput();
  ~PrintableOutput();
  PrintableOutput(const PrintableOutput&) = delete;
  PrintableOutput& operator=(const PrintableOutput&) = delete;

  void finish();  // a character that is cut off goes out as it is

 private:
  class Buffer;
  std::unique_ptr<Buffer> buffer_;
  std::streambuf* before_;
};

}  // namespace shardpipe
