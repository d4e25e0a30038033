// Traces whose words people read: on a terminal, in a picture, on a page.
#pragma once

#include <string>
#include <vector>

#include "core/trace/read.h"

namespace shardpipe {

// Names in a file are whatever somebody wrote; here all of them become printable
// (core/base/printable.h), so that what is made of them need not think of it.
void make_printable(Trace& trace);

// As read_trace, for who shows the trace and does not write it to a file again.
ReadTrace read_to_show(const std::vector<std::string>& files, const ReadOptions& options = {});

}  // namespace shardpipe
