// A file that is read. Everything the kit reads comes through here (tests/checks/files_read.sh), so
// that whatever a name stands for and whatever happens to it meanwhile ends in its bytes or in one
// sentence, never in a wait, a signal or all memory.
//   regular file   as long as it was when it was opened; refused if it is cut while it is read
//   pipe, FIFO     where may_be_pipe: kept as it comes (spool.h), so that any place of it can be
//                  read, too; waits for who writes it
//   all else       folder, socket, device: refused without opening it
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/error.h"
#include "core/base/spool.h"

namespace shardpipe {

// What it is read for. Each use has a limit of its own, far beyond what it needs.
struct InputUse {
  const char* what = "a file";  // in sentences: "is a folder, not a trace file"
  std::uint64_t most_bytes = 0;
  bool may_be_pipe = false;
};

inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20, kGiB = std::uint64_t{1} << 30;

class InputFile {
 public:
  // Error(usage) "NAME: ...", here and in all that reads; Error(crash) where the machine has no
  // descriptor or no memory left.
  InputFile(const std::string& name, const InputUse& use);

  const std::string& name() const { return shown_; }  // a very long one is shortened
  std::uint64_t size();                               // of a pipe: once it has ended

  // Its bytes from `offset` on; how many they were: fewer than asked for only at its end.
  std::size_t read_at(std::uint64_t offset, void* into, std::size_t bytes);

  std::string all();

 private:
  void check_kind(unsigned mode) const;
  void check_regular();
  void keep_until(std::uint64_t end);
  std::size_t next_of_pipe(char* into, std::size_t bytes);
  [[noreturn]] void refuse(int error) const;

  const InputUse use_;
  const std::string shown_;
  Descriptor file_;
  std::optional<Spool> spool_;  // of a pipe
  std::uint64_t size_ = 0;      // of a pipe: of what has come
  bool is_over_ = false;        // the pipe
};

// False only if there is none: what cannot be looked at is there, and reading it says why.
bool is_there(const std::string& file);

// The files of a folder whose names end in `extension` (".md"), sorted; `below`: of its folders,
// too. None if there is no such folder; usage_error if it cannot be read.
std::vector<std::string> files_in(const std::string& folder, const std::string& extension,
                                  bool below = false);

}  // namespace shardpipe
