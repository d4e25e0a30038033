// A trace from files of every format the kit reads:
//   Chrome JSON, .gz too     of write_chrome_json; of PyTorch's profiler and other programs, whose
//                            ranks may be in a file each (chrome_foreign.h, join_ranks.h)
//   binary                   of write_binary (binary.h)
// What a file is, its content says, not its name. Each may be a pipe.
#pragma once

#include <string>
#include <vector>

#include "core/trace/trace.h"

namespace shardpipe {

struct ReadOptions {
  // Of JSON that ends too early or breaks: take what stands before the break, with a warning,
  // instead of refusing it.
  bool keeps_whole = false;
};

struct ReadTrace {
  Trace trace = {};
  std::vector<std::string> warnings = {};  // a sentence each
};

// usage_error "FILE: ..." for what cannot be read, with the byte. Several files are the ranks of
// one run. Memory: that of the trace and a few pieces of 64 KiB, however large the file or what a
// .gz unpacks to; while JSON of other programs is joined, twice that.
ReadTrace read_trace(const std::vector<std::string>& files, const ReadOptions& options = {});

}  // namespace shardpipe
