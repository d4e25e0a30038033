// Every way to all_reduce of core/collectives behind one signature, and what its tests share.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/collectives/hierarchical.h"
#include "core/collectives/traffic.h"
#include "core/launch/launch.h"

namespace shardpipe {

// Sizes where parts are empty, one element long, uneven and even.
std::vector<Index> sizes_for(int ranks);

inline CollectiveContext collective_of(RankContext& ctx) {
  return {ctx.tp, ctx.math, ctx.device, ctx.compute};
}

struct Way {
  std::string name = {};
  std::function<void(Tensor inout, ReduceOp op)> run = {};
  // What the exchange counters of this rank will show.
  std::function<Traffic(Index elements, DType dtype)> traffic = {};
};

// The flat algorithms, two_tree in 3 chunks, and hierarchical for every size of a node that divides
// the ranks. All ranks make them at the same place of their programs.
std::vector<Way> ways_of(RankContext& ctx);

Tensor upload(RankContext& ctx, const std::vector<float>& values, DType dtype = DType::f32);

// Numbers of any dtype as f32 on the host.
std::vector<float> download(RankContext& ctx, const Tensor& x);

// Catch2's assertions are not thread safe: ranks note what is wrong, the test looks afterwards.
class Wrong {
 public:
  void expect(bool ok, const std::function<std::string()>& what) {
    if (ok) return;
    std::lock_guard lock(mutex_);
    if (first_.empty()) first_ = what();
  }
  const std::string& first() const { return first_; }

 private:
  std::mutex mutex_;
  std::string first_;
};

}  // namespace shardpipe
