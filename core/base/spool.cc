#include "core/base/spool.h"

#include <fcntl.h>
#include <stdlib.h>

#include <cstring>

#include "core/base/error.h"

namespace shardpipe {
namespace {

std::string temporary_folder() {
  const char* set = std::getenv("TMPDIR");
  return set != nullptr && *set != '\0' ? set : "/tmp";
}

// Where the file system knows no files without a name: one that loses it at once.
int open_and_unlink(const std::string& folder) {
  std::string pattern = folder + "/shardpipe-XXXXXX";
  // no OutputFile: its name goes at once
  const int file = mkostemp(pattern.data(), O_CLOEXEC);
  if (file >= 0) unlink(pattern.c_str());
  return file;
}

}  // namespace

Spool::Spool(std::string pipe) : pipe_(std::move(pipe)), folder_(temporary_folder()) {
  file_ = Descriptor(  // no OutputFile: it never gets a name
      retried([&] { return open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }));
  const bool knows_no_such = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
  if (!file_.is_open() && knows_no_such) file_ = Descriptor(open_and_unlink(folder_));
  if (!file_.is_open()) give_up(errno);
}

void Spool::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = retried([&] { return write(file_.number(), bytes.data(), bytes.size()); });
    if (n <= 0) give_up(n < 0 ? errno : ENOSPC);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Spool::give_up(int error) const {
  usage_error(text(pipe_, ": is a pipe, which is kept in a temporary file, and ", folder_,
                   " cannot hold it: ", std::strerror(error),
                   " (the environment variable TMPDIR names another folder)"));
}

}  // namespace shardpipe
