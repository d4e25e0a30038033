#include "core/base/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <streambuf>
#include <string_view>

#include "core/base/printable.h"

namespace shardpipe {
namespace {

void to_stderr(const std::string& lines) {
  const std::string all = lines + "\n";
  std::fwrite(all.data(), 1, all.size(), stderr);
  std::fflush(stderr);
}

// A loop of its own: documents of 100 MB are printed.
bool is_plain(std::string_view bytes) {
  bool is_plain = true;
  for (const char c : bytes) is_plain &= (c >= ' ' && c <= '~') || c == '\n';
  return is_plain;
}

// The length of "ESC [ 38;5;75 m" at the begin; 0 where there is none. A beginning of one counts if
// all of it is there is.
std::size_t colour_at(std::string_view bytes) {
  constexpr std::string_view kBegin = "\x1b[";
  if (!bytes.starts_with(kBegin.substr(0, bytes.size()))) return 0;
  const std::size_t end = bytes.find_first_not_of("0123456789;", kBegin.size());
  if (bytes.size() <= kBegin.size() || end == std::string_view::npos) return bytes.size();
  return bytes[end] == 'm' ? end + 1 : 0;
}

std::string with_colours(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t escape = std::min(bytes.find('\x1b'), bytes.size());
    out += printable_lines(bytes.substr(0, escape));
    bytes.remove_prefix(escape);
    if (bytes.empty()) break;
    const std::size_t length = colour_at(bytes);
    const std::string_view all = bytes.substr(0, std::max<std::size_t>(length, 1));
    out += all.ends_with('m') ? std::string(all) : printable(all);
    bytes.remove_prefix(all.size());
  }
  return out;
}

// Of a character or a colour that goes on in the next piece.
std::size_t unfinished(std::string_view bytes, bool has_colours) {
  const std::size_t escape = bytes.rfind('\x1b');
  if (has_colours && escape != std::string_view::npos) {
    const std::string_view last = bytes.substr(escape);
    if (colour_at(last) == last.size() && !last.ends_with('m')) return last.size();
  }
  return cut_off_at_end(bytes);
}

}  // namespace

// Nothing is kept here but what is unfinished: stdout has a buffer. Other threads may print, too.
class PrintableOutput::Buffer : public std::streambuf {
 public:
  explicit Buffer(bool has_colours) : has_colours_(has_colours) {}

  void finish() {
    const std::lock_guard lock(mutex_);
    put(printable(begun_));
    begun_.clear();
  }

 protected:
  int_type overflow(int_type byte) override {
    const char c = traits_type::to_char_type(byte);
    if (traits_type::eq_int_type(byte, traits_type::eof())) return traits_type::not_eof(byte);
    return xsputn(&c, 1) == 1 ? byte : traits_type::eof();
  }
  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    const std::lock_guard lock(mutex_);
    const std::string_view piece(bytes, static_cast<std::size_t>(size));
    if (begun_.empty() && is_plain(piece)) return put(piece) ? size : 0;
    const std::string all = begun_ + std::string(piece);
    const std::size_t whole = all.size() - unfinished(all, has_colours_);
    begun_ = all.substr(whole);
    const std::string_view now = std::string_view(all).substr(0, whole);
    return put(has_colours_ ? with_colours(now) : printable_lines(now)) ? size : 0;
  }
  int sync() override { return std::fflush(stdout) == 0 ? 0 : -1; }

 private:
  static bool put(std::string_view bytes) {
    return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
  }

  const bool has_colours_;
  std::mutex mutex_;
  std::string begun_;
};

PrintableOutput::PrintableOutput()
    : buffer_(std::make_unique<Buffer>(isatty(STDOUT_FILENO) != 0)),
      before_(std::cout.rdbuf(buffer_.get())) {}

PrintableOutput::~PrintableOutput() {
  finish();
  std::cout.rdbuf(before_);
}

void PrintableOutput::finish() { buffer_->finish(); }

std::string printable_message(const std::string& message, ExitCode code) {
  return code == ExitCode::wrong ? printable_lines(message) : printable(message);
}

void say_bare(const std::string& line) {
  std::cout.flush();  // in the order in which it was said
  to_stderr(printable(line));
}

void say(const std::string& line) { say_bare("lab: " + line); }

void say_error(const std::string& message, ExitCode code) { say_error_as("lab", message, code); }

void say_error_as(const char* program, const std::string& message, ExitCode code) {
  to_stderr(text(program, ": ", printable_message(message, code)));
}

void print(const char* format, ...) {
  std::va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  std::string words(static_cast<std::size_t>(std::max(0, length)) + 1, '\0');
  std::vsnprintf(words.data(), words.size(), format, again);
  va_end(again);
  words.pop_back();
  std::cout << words;
}

void clear_terminal() {
  std::cout.flush();
  std::fputs("\x1b[2J\x1b[H", stdout);
  std::fflush(stdout);
}

}  // namespace shardpipe
