// What a region holds before it is written.
#pragma once

#include "core/base/error.h"

namespace shardpipe {

[[noreturn]] inline void not_written(int region) {
  fail(ExitCode::not_written, text("region ", region, " is not written yet"));
}

}  // namespace shardpipe
