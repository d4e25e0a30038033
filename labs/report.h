// A LabResult for people and for programs (keys: docs/cli.md).
#pragma once

#include <string>

#include "core/base/json.h"
#include "labs/lab.h"

namespace shardpipe {

Json to_json(const LabResult& result);
Json compare_json(const LabResult& a, const LabResult& b);  // {"a","b","difference"}

// At most 100 columns.
std::string to_text(const LabResult& result);
std::string to_text(const LabTable& table);
std::string compare_text(const LabResult& a, const LabResult& b);

std::string human_time(double seconds);  // "12.3 ms"
std::string human_bytes(double bytes);   // "1.50 MiB"

}  // namespace shardpipe
