// Where the cases of this folder run: here_on_gpu.cc, here_on_host.cc.
#pragma once

#include <mutex>
#include <string>

#include "core/launch/launch.h"

namespace shardpipe {

RunReport run_here(const RunOptions& options, const RankProgram& program);

// Catch2's assertions are not thread safe: ranks note what is wrong, the test looks afterwards.
class Wrong {
 public:
  void expect(bool ok, const std::string& what) {
    if (ok) return;
    const std::lock_guard lock(mutex_);
    if (first_.empty()) first_ = what;
  }
  std::string first() const { return first_; }

 private:
  std::mutex mutex_;
  std::string first_;
};

}  // namespace shardpipe
