// Files of the command line as traces.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/trace/trace.h"
#include "viz/app/options.h"

namespace shardpipe::viz {

// Warnings go to stderr.
Trace load_trace(const std::vector<std::string>& files, const Options& options);

// A file that may be written while it is looked at.
class FollowedFile {
 public:
  // usage_error if it is there and no regular file: a pipe does not tell when it has grown.
  explicit FollowedFile(std::string file);

  // What is whole of it, if it is there and not what it was at the last call. Errors of read_trace.
  std::optional<Trace> newer();

 private:
  void check() const;

  std::string file_;
  std::filesystem::file_time_type written_ = {};
  std::uintmax_t bytes_ = 0;
};

// --save: the trace of options.files as options.saved.
void save_trace(const Options& options);

}  // namespace shardpipe::viz
