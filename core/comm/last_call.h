// The last operation that a rank submitted on any of its communicators: where a rank was when it
// failed. Written by the rank's thread; others read it when the rank stands still.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "core/device/op_info.h"

namespace shardpipe {

class LastCall {
 public:
  void set(const OpInfo& info, Where where);
  // "after all_reduce #3 of tp[0,1], block.cc:41", "before any communication"
  std::string words() const;

 private:
  std::atomic<const Group*> group_{nullptr};
  std::atomic<const char*> name_{""};
  std::atomic<std::int64_t> sequence_{-1};
  std::atomic<const char*> file_{""};
  std::atomic<int> line_{0};
};

}  // namespace shardpipe
