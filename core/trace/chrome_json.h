// Traces as Chrome trace-event JSON, which Perfetto (ui.perfetto.dev) and chrome://tracing open.
//   pid = rank + 1, tid = (rank + 1) * 100 + stream + 1     tid 0 would become the pid
//   "X" [ready, end] of each span, and "X" [posted, ready] of category "wait" where it waited
//   "s" .. "f"       from the rank that came last to each rank that waited for it
//   times            microseconds with three decimals: exact nanoseconds
// Names of arguments are Kineto's (libkineto, MetadataFieldCatalog.h) where it has one. Format:
// "Trace Event Format", and Perfetto's src/trace_processor/importers/json.
#pragma once

#include <string>

#include "core/base/output_file.h"
#include "core/trace/trace.h"

namespace shardpipe {

// usage_error as OutputFile's; the second opens `file` for it.
void write_chrome_json(const Trace& trace, OutputFile& out);
void write_chrome_json(const Trace& trace, const std::string& file);

// What write_chrome_json writes; read_trace (read.h) reads it back, unchanged in every field.
std::string to_chrome_json(const Trace& trace);

}  // namespace shardpipe
