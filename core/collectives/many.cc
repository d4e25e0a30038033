#include "core/collectives/many.h"

namespace shardpipe {
namespace {

void flattened_sum(const std::vector<Tensor>& inouts, const CollectiveContext& on) {
  Index elements = 0;
  for (const Tensor& x : inouts) elements += x.elements();
  const Tensor side_by_side(on.device, {elements}, inouts[0].dtype());
  const auto for_each = [&](auto copy) {
    Index at = 0;
    for (const Tensor& x : inouts) {
      copy(flat(x), side_by_side.slice(at, x.elements()));
      at += x.elements();
    }
  };
  for_each([&](const Tensor& x, const Tensor& place) { on.math.copy(place, x, on.here()); });
  on.comm.all_reduce(side_by_side, on.here());
  for_each([&](const Tensor& x, const Tensor& place) { on.math.copy(x, place, on.here()); });
}

}  // namespace

const char* name_of(ManySums how) {
  switch (how) {
    case ManySums::separate: return "separate";
    case ManySums::flattened: return "flattened";
    case ManySums::coalesced: return "coalesced";
  }
  return "?";
}

std::vector<ManySums> all_many_sums() {
  return {ManySums::separate, ManySums::flattened, ManySums::coalesced};
}

void all_reduce_many(const std::vector<Tensor>& inouts, ManySums how,
                     const CollectiveContext& plain, Where where) {
  const CollectiveContext on = plain.called(where);
  if (inouts.empty() || on.size() == 1) return;
  switch (how) {
    case ManySums::separate:
      for (const Tensor& x : inouts) on.comm.all_reduce(x, on.here());
      break;
    case ManySums::flattened: flattened_sum(inouts, on); break;
    case ManySums::coalesced: on.comm.all_reduce_coalesced(inouts, on.here()); break;
  }
}

}  // namespace shardpipe
