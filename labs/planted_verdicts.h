// docs/planted_verdicts.md: how far planted bugs moved a run's numbers.
#pragma once

#include <optional>
#include <string>

namespace shardpipe {

// The difference in the row of `bug`, over the largest number of its kind; none if there is no such
// row or number, or no such page.
std::optional<double> planted_difference(const std::string& bug);

}  // namespace shardpipe
