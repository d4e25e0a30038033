#include "labs/cli/demo_pipeline.h"

#include <algorithm>
#include <iostream>

#include "core/base/terminal.h"
#include "core/trace/chrome_json.h"
#include "core/trace/stats.h"
#include "core/trace/terminal_timeline.h"
#include "labs/cli/agreement.h"
#include "labs/cli/verbs.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

constexpr int kSteps = 11;

struct Entry {
  std::string schedule;
  LabResult train;
  LabResult modelled;  // 70B-class layers on 8xH100
};

double step_s(const LabResult& r) {
  return static_cast<double>(r.report.trace.wall_ns) * 1e-9 / r.steps;
}

// Share of the step in which the busiest rank's compute stream works.
double busiest(const LabResult& r) {
  std::int64_t most = 0;
  for (const RankTime& rank : statistics(r.report.trace).ranks)
    most = std::max(most, rank.compute_ns);
  return 100.0 * static_cast<double>(most) / static_cast<double>(r.report.trace.wall_ns);
}

std::string peaks(const LabResult& r) {
  std::string all;
  for (const int peak : r.peak_in_flight) all += (all.empty() ? "" : " ") + text(peak);
  return all;
}

}  // namespace

int demo_pipelines(const std::vector<double>& one_rank, const std::vector<double>& bounds,
                   const std::string& shape, const std::string& folder) {
  std::vector<Entry> entries;
  for (const char* schedule : {"naive", "gpipe", "1f1b"}) {
    say_bare(text("training on this machine: tp=2 pp=2 ", schedule, " ..."));
    const std::string flags = text("--technique ", schedule, " ");
    entries.push_back(
        {schedule,
         run_flags("hybrid-train",
                   text(flags, "--tp 2 --pp 2 --no-check --steps ", kSteps, " ", shape)),
         run_flags("hybrid-train", flags + "--tp 2 --pp 4 --microbatches 8 --device modelled "
                                           "--family llama --steps 1")});
  }
  const LabShape& big = entries[0].modelled.shape;
  print("\nTensor times pipeline parallelism: the same model on tp=2 x pp=2, 4 micro-batches\n");
  std::vector<const LabResult*> runs;
  for (const Entry& e : entries) runs.push_back(&e.train);
  const int code = print_agreement(runs, one_rank, bounds);
  print(
      "\n                     measured here   | modelled 8xH100, tp=2 pp=4, m=8, %lld layers "
      "D=%lld\nschedule                 step time   |    step time   busiest rank   "
      "in flight by rank\n",
      static_cast<long long>(big.layers), static_cast<long long>(big.hidden));
  for (const Entry& e : entries)
    print("%-20s %13s   | %12s %12.0f %%   %s\n", e.schedule.c_str(),
          human_time(step_s(e.train)).c_str(), human_time(step_s(e.modelled)).c_str(),
          busiest(e.modelled), peaks(e.modelled).c_str());
  std::cout << "\nmodelled on 8xH100: one step, tp=2 pp=4\n"
            << draw_pair("naive", entries[0].modelled.report.trace, "1f1b",
                         entries[2].modelled.report.trace, {.colour = colour_wanted()});
  std::cout.flush();
  for (const Entry& e : entries) {
    const std::string name = text(folder, "/pp-", e.schedule);
    write_chrome_json(e.train.report.trace, name + "-train-measured.json");
    write_chrome_json(e.modelled.report.trace, name + "-modelled.json");
  }
  return code;
}

}  // namespace shardpipe
