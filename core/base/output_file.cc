#include "core/base/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/descriptor.h"
#include "core/base/error.h"
#include "core/base/followed_link.h"
#include "core/base/progress.h"
#include "core/base/unfinished_file.h"

namespace shardpipe {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;
constexpr std::size_t kMostAtOnce = std::size_t{16} << 20;  // so that a slow disk shows progress

bool is_stdout(const struct stat& file) {
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat open = {};
    if (fstat(descriptor, &open) == 0 && open.st_dev == file.st_dev && open.st_ino == file.st_ino)
      return true;
  }
  return false;
}

// A FIFO whose reader has gone is a failed write, not the end of the process.
class PipeSignalsHeld {
 public:
  PipeSignalsHeld() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeSignalsHeld() {
    const int error = errno;
    if (sigismember(&before_, SIGPIPE) == 0) {
      const timespec now = {};
      while (sigtimedwait(&pipe_, nullptr, &now) >= 0) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }
  PipeSignalsHeld(const PipeSignalsHeld&) = delete;
  PipeSignalsHeld& operator=(const PipeSignalsHeld&) = delete;

 private:
  sigset_t pipe_ = {}, before_ = {};
};

}  // namespace

OutputFile::OutputFile(std::string name, Durable durable)
    : name_(std::move(name)), durable_(durable) {}

OutputFile::~OutputFile() { close_all(); }

void OutputFile::open() {
  if (file_ || stream_ >= 0) return;
  if (std::filesystem::path(name_).filename().empty()) give_up("it names no file");
  struct stat old = {};
  const bool is_there = stat(name_.c_str(), &old) == 0;
  if (!is_there && errno != ENOENT) give_up(std::strerror(errno));
  if (is_there && S_ISDIR(old.st_mode)) give_up(std::strerror(EISDIR));
  if (is_there && !S_ISREG(old.st_mode)) return open_stream();
  if (is_there && is_stdout(old)) give_up("what is printed goes there, too");
  if (is_there && faccessat(AT_FDCWD, name_.c_str(), W_OK, AT_EACCESS) != 0)
    give_up(std::strerror(errno));
  try {
    file_ = std::make_unique<UnfinishedFile>(followed_link(name_));
  } catch (const std::system_error& e) {
    give_up(e.code().message());
  }
  if (!is_there) return;
  // As it was, as far as this user may: others' files lose their owner, as with every editor.
  if (fchown(file_->descriptor(), old.st_uid, old.st_gid) != 0) errno = 0;
  if (fchmod(file_->descriptor(), old.st_mode & 07777) != 0) errno = 0;
}

void OutputFile::open_stream() {
  stream_ = ::open(name_.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (stream_ < 0) give_up(errno == ENXIO ? "nobody reads from it" : std::strerror(errno));
  fcntl(stream_, F_SETFL, fcntl(stream_, F_GETFL) & ~O_NONBLOCK);
}

void OutputFile::write(std::string_view bytes) {
  open();
  if (buffer_.size() + bytes.size() <= kBlock) {
    buffer_ += bytes;
    return;
  }
  flush();
  if (bytes.size() < kBlock)
    buffer_ += bytes;
  else
    write_through(bytes);
}

void OutputFile::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void OutputFile::write_through(std::string_view bytes) {
  const PipeSignalsHeld held;
  const int descriptor = file_ ? file_->descriptor() : stream_;
  while (!bytes.empty()) {
    const ssize_t written = retried(
        [&] { return ::write(descriptor, bytes.data(), std::min(bytes.size(), kMostAtOnce)); });
    if (written < 0) give_up(std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
    tell_progress();
  }
}

void OutputFile::commit() {
  open();
  flush();
  if (file_) {
    if (durable_ == Durable::yes && fsync(file_->descriptor()) != 0) give_up(std::strerror(errno));
    try {
      file_->take_name();
    } catch (const std::system_error& e) {
      give_up(e.code().message());
    }
  }
  close_all();
}

void OutputFile::close_all() noexcept {
  file_.reset();
  if (stream_ >= 0) close(stream_);
  stream_ = -1;
  buffer_.clear();
}

void OutputFile::give_up(const std::string& why) {
  close_all();
  usage_error(text(name_, ": cannot be written: ", why));
}

}  // namespace shardpipe
