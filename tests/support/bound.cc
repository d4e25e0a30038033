#include "tests/support/bound.h"

#include <cmath>
#include <limits>

#include "core/model/error_bound.h"

namespace shardpipe {

Worst worst_of(const TpRun& run, const WantedTensors& want, Index roundings) {
  Worst worst;
  auto note = [&](double ratio, const std::string& where) {
    if (!(ratio <= worst.ratio)) worst = {ratio, where};  // NaN counts as worse
  };
  for (std::size_t rank = 0; rank < run.ranks.size(); ++rank)
    for (const Held& held : run.ranks[rank])
      for (const Piece& piece : held.pieces) {
        const std::string where = text("tp=", run.ranks.size(), " rank ", rank, " ", piece.name);
        const auto found = want.find(piece.name);
        if (found == want.end() ||
            static_cast<Index>(found->second.values.size()) != piece.full.elements())
          return {std::numeric_limits<double>::infinity(), where + " is not expected"};
        const double bound =
            static_cast<double>(roundings) * kUnitRoundoff * found->second.magnitude;
        for_each_number(piece, held.local, [&](Index full, Index local) {
          const double is = static_cast<double>(held.values[static_cast<std::size_t>(local)]);
          const double difference =
              std::abs(is - found->second.values[static_cast<std::size_t>(full)]);
          if (difference != 0) note(difference / bound, where);
        });
      }
  return worst;
}

}  // namespace shardpipe
