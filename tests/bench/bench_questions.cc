// What a person waits for after a question: the playground after a knob was turned (its largest
// size, every schedule), and the what-if table of a long trace. CPU time of this thread.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "core/trace/schedule_trace.h"
#include "core/trace/what_if.h"
#include "viz/model/playground.h"
#include "viz/model/timeline_model.h"

namespace shardpipe::viz {
namespace {

template <class F>
double ms_of(const F& f) {
  timespec begin{}, end{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  f();
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return 1e3 * static_cast<double>(end.tv_sec - begin.tv_sec) +
         1e-6 * static_cast<double>(end.tv_nsec - begin.tv_nsec);
}

// Median of nine: the schedule, its timing and trace, and the model that is painted.
void turn_a_knob(const std::string& schedule) {
  std::vector<double> times_ms;
  std::size_t spans = 0;
  for (int i = 0; i < 9; ++i)
    times_ms.push_back(ms_of([&] {
      Played played = play(
          {.schedule = schedule, .stages = 32, .microbatches = 128, .chunks = 2, .model = "70B"});
      spans = played.trace.spans.size();
      const TimelineModel model(std::move(played.trace));
    }));
  std::sort(times_ms.begin(), times_ms.end());
  std::printf("  %-16s %6zu actions  %6.2f ms\n", schedule.c_str(), spans, times_ms[4]);
}

}  // namespace
}  // namespace shardpipe::viz

int main() {
  using namespace shardpipe;
  std::printf("the playground after a knob was turned, 32 stages, 128 micro-batches\n");
  for (const std::string& name : schedule_names()) viz::turn_a_knob(name);
  const Costs costs;
  const Schedule schedule = build_schedule("1f1b", 64, 2048, 1);
  const Trace trace = trace_of(schedule, simulate(schedule, costs), costs);
  std::size_t rows = 0;
  const double ms = viz::ms_of([&] { rows = what_if_free(trace).size(); });
  std::printf("what if, %zu spans: %zu rows in %.0f ms\n", trace.spans.size(), rows, ms);
}
