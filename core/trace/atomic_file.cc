#include "core/trace/atomic_file.h"

#include <cerrno>
#include <cstring>

#include "core/base/error.h"

namespace shardpipe {

AtomicFile::AtomicFile(const std::string& file)
    : file_(file), temporary_(file + ".tmp"), out_(std::fopen(temporary_.c_str(), "wb")) {
  if (out_ == nullptr) give_up();
}

AtomicFile::~AtomicFile() {
  if (out_ == nullptr) return;
  std::fclose(out_);
  std::remove(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  if (bytes.empty()) return;  // fwrite may not be given a null pointer
  if (std::fwrite(bytes.data(), 1, bytes.size(), out_) != bytes.size()) give_up();
}

void AtomicFile::commit() {
  if (std::fflush(out_) != 0) give_up();
  const bool is_closed = std::fclose(out_) == 0;
  out_ = nullptr;
  if (is_closed && std::rename(temporary_.c_str(), file_.c_str()) == 0) return;
  const int error = errno;
  std::remove(temporary_.c_str());
  errno = error;
  give_up();
}

void AtomicFile::give_up() {
  usage_error(text(file_, ": cannot be written: ", std::strerror(errno)));
}

}  // namespace shardpipe
