// How fast schedules are built, timed and given their messages: 64 ranks, 1,024 micro-batches (more
// actions where stages are cut). Prints the best of five, in milliseconds.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "core/schedule/messages.h"
#include "core/schedule/simulator.h"

namespace shardpipe {
namespace {

template <class Body>
double best_ms(Body body) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    body();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best;
}

void measure(const std::string& name) {
  Schedule schedule;
  Program program;
  const double build_ms =
      best_ms([&] { schedule = build_schedule(name, 64, 1024, default_chunks(name)); });
  const double simulate_ms = best_ms([&] { simulate(schedule, {}); });
  const double insert_ms = best_ms([&] { program = insert_messages(schedule); });
  const double check_ms = best_ms([&] { check_program(program); });
  std::size_t actions = 0;
  for (const auto& order : schedule.ranks) actions += order.size();
  std::printf("%-18s %8zu %8.1f %9.1f %9.1f %8.1f\n", name.c_str(), actions, build_ms, simulate_ms,
              insert_ms, check_ms);
}

}  // namespace
}  // namespace shardpipe

int main() {
  std::printf("%-18s %8s %8s %9s %9s %8s\n", "ms", "actions", "build", "simulate", "messages",
              "check");
  for (const std::string& name : shardpipe::schedule_names()) shardpipe::measure(name);
}
