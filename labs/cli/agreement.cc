#include "labs/cli/agreement.h"

#include <algorithm>
#include <cmath>

#include "core/base/terminal.h"

namespace shardpipe {

int print_agreement(const std::vector<const LabResult*>& runs, const std::vector<double>& one_rank,
                    const std::vector<double>& bounds) {
  double worst = 0, worst_bound = 0;
  bool within = true, is_all = true;
  for (const LabResult* run : runs) {
    is_all = is_all && bounds.size() == run->loss.size();
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      const double difference = std::abs(run->loss.at(i) - one_rank.at(i));
      within = within && difference <= bounds[i];
      if (difference < worst) continue;
      worst = difference;
      worst_bound = bounds[i];
    }
  }
  print("\n%s: losses of the first %zu steps at most %.2e from one rank's (bound %.1e)\n",
        within ? "the same training" : "DIFFERENT training", bounds.size(), worst, worst_bound);
  if (!is_all) print("later steps magnify such differences, as any two machines would\n");
  return within ? 0 : 1;
}

}  // namespace shardpipe
