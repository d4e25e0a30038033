#include "labs/cli/agreement.h"

#include <algorithm>
#include <cmath>

#include "core/base/terminal.h"
#include "core/model/error_bound.h"
#include "labs/model_flags.h"

namespace shardpipe {

int print_agreement(const std::vector<const LabResult*>& runs,
                    const std::vector<double>& one_rank) {
  double worst = 0, worst_bound = 0;
  std::size_t compared = 0;
  bool within = true, is_all = true;
  for (const LabResult* run : runs) {
    const DecoderConfig config = model_of(run->options, run->shape);
    const std::size_t steps =
        std::min({run->loss.size(), one_rank.size(), std::size_t{kComparedSteps}});
    compared = std::max(compared, steps);
    is_all = is_all && steps == run->loss.size();
    for (std::size_t i = 0; i < steps; ++i) {
      const double difference = std::abs(run->loss[i] - one_rank[i]);
      const double bound = loss_bound(config, static_cast<int>(i), one_rank[i]);
      within = within && difference <= bound;
      if (difference < worst) continue;
      worst = difference;
      worst_bound = bound;
    }
  }
  print("\n%s: losses of the first %zu steps at most %.2e from one rank's (bound %.1e)\n",
        within ? "the same training" : "DIFFERENT training", compared, worst, worst_bound);
  if (!is_all) print("later steps magnify such differences, as any two machines would\n");
  return within ? 0 : 1;
}

}  // namespace shardpipe
