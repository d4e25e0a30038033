// The part of a trace that is not spans, as the JSON and the binary format both keep it.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/trace/trace.h"

namespace shardpipe {

Json metadata_of(const Trace& trace);

bool is_metadata(const Json& document);  // and not that of another program

// A Trace without spans. usage_error "FILE: metadata: ..." for what no trace has.
Trace trace_of_metadata(const Json& metadata, const std::string& file);

}  // namespace shardpipe
