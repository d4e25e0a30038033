// What a run's verdict says, in words and in JSON.
#pragma once

#include <string>

#include "core/base/json.h"
#include "labs/lab.h"

namespace shardpipe {

// Lines that begin with "check"; "" where nothing could be compared.
std::string check_text(const LabResult& result);
Json check_json(const Check& check);

}  // namespace shardpipe
