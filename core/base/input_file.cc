#include "core/base/input_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "core/base/progress.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

std::string shortened(const std::string& name) {
  constexpr std::size_t kEnd = 80;
  if (name.size() <= 3 * kEnd) return name;
  return text(name.substr(0, kEnd), "...", name.substr(name.size() - kEnd), " (a name of ",
              name.size(), " bytes)");
}

const char* name_of_kind(unsigned mode) {
  if (S_ISREG(mode)) return "a regular file";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

void check_name(const std::string& name) {
  if (name.empty()) usage_error("the name of a file is empty");
  if (const std::size_t at = name.find('\0'); at != std::string::npos)
    usage_error(text(shortened(name.substr(0, at)), ": its name goes on after a NUL byte"));
}

template <class Iterator>
std::vector<std::string> listed(const std::string& folder, const std::string& extension) {
  std::vector<fs::path> files;
  std::error_code error, unknown;
  for (Iterator at(folder, error); !error && at != Iterator(); at.increment(error))
    if (at->path().extension() == extension && !at->is_directory(unknown))
      files.push_back(at->path());
  if (error) usage_error(text(folder, ": cannot be read: ", error.message()));
  std::sort(files.begin(), files.end());
  return {files.begin(), files.end()};
}

}  // namespace

// Looked at before it is opened, because to open a device may do something; and afterwards, because
// it may be another by then. O_NONBLOCK: a FIFO that nobody writes does not hold the program.
InputFile::InputFile(const std::string& name, const InputUse& use)
    : use_(use), shown_(shortened(name)) {
  check_name(name);
  struct stat status = {};
  if (stat(name.c_str(), &status) != 0) refuse(errno);
  check_kind(status.st_mode);
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  file_ = Descriptor(retried([&] { return open(name.c_str(), kFlags); }));
  if (!file_.is_open() || fstat(file_.number(), &status) != 0) refuse(errno);
  check_kind(status.st_mode);
  if (S_ISFIFO(status.st_mode)) {
    spool_.emplace(shown_);
    return;
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  check_regular();
}

void InputFile::check_kind(unsigned mode) const {
  if (S_ISREG(mode) || (S_ISFIFO(mode) && use_.may_be_pipe)) return;
  usage_error(text(shown_, ": is ", name_of_kind(mode), ", not ", use_.what,
                   S_ISFIFO(mode) ? ": write what comes through it to a file first" : ""));
}

void InputFile::check_regular() {
  if (size_ > use_.most_bytes)
    usage_error(text(shown_, ": has ", size_, " bytes; ", use_.what, " may have at most ",
                     use_.most_bytes));
  if (size_ > 0) return;
  char first = 0;
  const ssize_t n = retried([&] { return pread(file_.number(), &first, 1, 0); });
  if (n < 0) refuse(errno);
  if (n > 0)
    usage_error(text(shown_, ": says that it is empty and is not, as files of /proc do: ",
                     "copy it with cat first"));
}

std::uint64_t InputFile::size() {
  if (spool_) keep_until(UINT64_MAX);
  return size_;
}

std::size_t InputFile::read_at(std::uint64_t offset, void* into, std::size_t bytes) {
  if (spool_) keep_until(offset + std::min<std::uint64_t>(bytes, UINT64_MAX - offset));
  if (offset >= size_) return 0;
  const int from = spool_ ? spool_->descriptor() : file_.number();
  const std::size_t wanted = std::min<std::uint64_t>(bytes, size_ - offset);
  for (std::size_t done = 0; done < wanted;) {
    const std::uint64_t at = offset + done;
    const ssize_t n = retried([&] {
      return pread(from, static_cast<char*>(into) + done, wanted - done, static_cast<off_t>(at));
    });
    if (n < 0) refuse(errno);
    if (n == 0)
      usage_error(text(shown_, ": ends after ", at, " of its ", size_,
                       " bytes: it was cut while it was read"));
    done += static_cast<std::size_t>(n);
    tell_progress();
  }
  return wanted;
}

std::string InputFile::all() {
  std::string bytes(size(), '\0');
  read_at(0, bytes.data(), bytes.size());
  return bytes;
}

// Reads the pipe until `end` bytes of it have come, or it has ended.
void InputFile::keep_until(std::uint64_t end) {
  std::array<char, 1 << 16> piece;
  while (!is_over_ && size_ < end) {
    const std::size_t n = next_of_pipe(piece.data(), piece.size());
    is_over_ = n == 0;
    size_ += n;
    if (size_ > use_.most_bytes)
      usage_error(text(shown_, ": more than ", use_.most_bytes, " bytes came; ", use_.what,
                       " may have at most that"));
    spool_->append({piece.data(), n});
  }
}

// 0: nobody writes it any more. A FIFO that nobody has opened yet is waited for: poll returns once
// somebody has, and written or gone again.
std::size_t InputFile::next_of_pipe(char* into, std::size_t bytes) {
  for (;;) {
    pollfd readable = {file_.number(), POLLIN, 0};
    if (retried([&] { return poll(&readable, 1, -1); }) < 0) refuse(errno);
    const ssize_t n = retried([&] { return read(file_.number(), into, bytes); });
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EAGAIN) refuse(errno);  // EAGAIN: another reader was faster
  }
}

void InputFile::refuse(int error) const {
  const bool is_scarce = error == EMFILE || error == ENFILE || error == ENOMEM;
  fail(is_scarce ? ExitCode::crash : ExitCode::usage,
       text(shown_, ": cannot be read: ", std::strerror(error)));
}

bool is_there(const std::string& file) {
  struct stat status = {};
  return stat(file.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

std::vector<std::string> files_in(const std::string& folder, const std::string& extension,
                                  bool below) {
  if (!is_there(folder)) return {};
  return below ? listed<fs::recursive_directory_iterator>(folder, extension)
               : listed<fs::directory_iterator>(folder, extension);
}

}  // namespace shardpipe
