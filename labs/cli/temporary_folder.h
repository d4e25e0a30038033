// TemporaryFolder: a folder of its own in TMPDIR, gone with all that is in it when this ends.
#pragma once

#include <string>

namespace shardpipe {

class TemporaryFolder {
 public:
  TemporaryFolder();  // usage error if TMPDIR is none, or is full
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace shardpipe
