// CostModel: how long an operation takes when nothing disturbs it.
#pragma once

#include <cstdint>

#include "core/device/op_info.h"

namespace shardpipe {

class CostModel {
 public:
  virtual ~CostModel() = default;
  // Nanoseconds from the moment all participants are ready to the end. Never negative.
  virtual std::int64_t duration_ns(const OpInfo& op) const = 0;
  // Host time to submit one operation.
  virtual std::int64_t launch_ns() const { return 0; }
};

}  // namespace shardpipe
