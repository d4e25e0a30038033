// Two runs of a lab beside each other (keys: docs/cli.md).
#pragma once

#include <string>

#include "core/base/json.h"
#include "labs/lab.h"

namespace shardpipe {

Json compare_json(const LabResult& a, const LabResult& b);  // {"a","b","difference","gap"}

// What each was, where the gap between their steps comes from, the most of each figure that any
// rank has, and the tables that belong to the runs. At most 100 columns.
std::string compare_text(const LabResult& a, const LabResult& b);

}  // namespace shardpipe
