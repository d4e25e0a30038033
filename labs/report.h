// A LabResult for people and for programs (keys: docs/cli.md).
#pragma once

#include <string>

#include "core/base/json.h"
#include "labs/lab.h"

namespace shardpipe {

Json to_json(const LabResult& result);

// At most 100 columns. A result is its first lines (what was run, the time of a step, the check),
// and figures of communication and of its ranks; `ranks` says which (core/trace/rank_rows.h).
std::string to_text(const LabResult& result);
std::string header_text(const LabResult& result);
std::string figures_text(const LabResult& result, const std::string& ranks);
std::string to_text(const LabTable& table);

// Calls and bytes of one axis and kind: the maximum over ranks.
std::vector<CommCount> most_communication(const LabResult& result);

std::string clock_of(const LabResult& result);  // "modelled on 8xH100"
std::int64_t step_ns(const LabResult& result);  // the mean

std::string human_time(double seconds);  // "12.3 ms"
std::string human_bytes(double bytes);   // "1.50 MiB"

}  // namespace shardpipe
