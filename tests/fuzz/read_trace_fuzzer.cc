// What a fuzzer runs: any bytes at all are read as a trace, whole and with keeps_whole. They are
// refused by a usage_error of one line, or are a trace whose indices are in its tables and whose
// longest gaps can be explained. corpus/ has one small file a format, and one for each fault that
// was found; replay.cc runs them all.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "core/base/error.h"
#include "core/trace/longest_gaps.h"
#include "core/trace/read.h"

namespace {

constexpr int kMostRanks = 64;

void demand(bool is_so) {
  if (!is_so) std::abort();
}

void read(const std::string& file, bool keeps_whole) {
  try {
    const shardpipe::Trace trace =
        shardpipe::read_trace({file}, {.keeps_whole = keeps_whole}).trace;
    const int ranks = trace.ranks();
    for (const shardpipe::Span& span : trace.spans)
      demand(shardpipe::fault_of(span, trace, ranks).empty());
    if (ranks > kMostRanks) return;  // the others take longer, and nothing else
    for (const shardpipe::GapReason& reason : shardpipe::explain_gaps(trace, 3))
      demand(!reason.chain.empty() && reason.begin_ns < reason.end_ns);
  } catch (const shardpipe::Error& e) {
    demand(e.code() == shardpipe::ExitCode::usage);
    demand(std::string(e.what()).find('\n') == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const int memory = memfd_create("trace", 0);  // a file without a disk
  demand(memory >= 0 && ftruncate(memory, 0) == 0);
  demand(pwrite(memory, data, size, 0) == static_cast<ssize_t>(size));
  const std::string file = "/proc/self/fd/" + std::to_string(memory);
  read(file, false);
  read(file, true);
  return 0;
}
