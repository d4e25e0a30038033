// ScratchFolder: a folder of its own in TMPDIR, gone with all that is in it when this ends.
#pragma once

#include <string>

namespace shardpipe {

class ScratchFolder {
 public:
  ScratchFolder();  // usage error if TMPDIR is none, or is full
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace shardpipe
