// lab schedule auto: what was compared, and what the choice is worth.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/schedule/auto_schedule.h"

namespace shardpipe {

std::string auto_table(const AutoChoice& choice, const AutoRequest& request);
Json auto_json(const AutoChoice& choice, const AutoRequest& request);

}  // namespace shardpipe
