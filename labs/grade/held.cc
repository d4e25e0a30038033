#include "labs/grade/held.h"

#include <mutex>

#include "labs/grade/guard.h"

namespace shardpipe {

HeldByRank held_after(const DeviceCase& c, const char* device, const RunOptions& options,
                      RunOn run) {
  std::mutex mutex;
  HeldByRank held(static_cast<std::size_t>(c.grid.ranks()));
  run(options, [&](RankContext& ctx) {
    const Guarded guarded(device, c.name, ctx.rank);
    for (const auto& [name, tensor] : c.program(ctx)) {
      std::vector<float> numbers = ctx.math.to_host(tensor, ctx.compute);
      const std::lock_guard lock(mutex);
      held[static_cast<std::size_t>(ctx.rank)].push_back(
          {name, tensor.shape(), std::move(numbers)});
    }
  });
  return held;
}

}  // namespace shardpipe
