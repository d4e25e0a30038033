// What every backend does for one rank once it has a device and a world communicator: make streams
// and groups, call the program, wait for its work, collect its figures.
#pragma once

#include <functional>
#include <memory>

#include "core/launch/launch.h"

namespace shardpipe {

struct RankSetup {
  Device& device;
  Kernels& kernels;
  const ProcessGrid& grid;
  std::unique_ptr<Communicator> world;
  // Called at the two ends of the window, when the rank's streams are idle: notes the time.
  std::function<void()> mark_begin;
  std::function<void()> mark_end;
};

void end_process(ExitCode code);

// Calls program(ctx). What it throws, bad input apart, gets the rank's place: "the disk is full
// (after all_reduce #3 of tp[0,1])". If it calls exit(), that is said on stderr, and `end` ends the
// process.
void run_program(const RankProgram& program, RankContext& ctx,
                 const std::function<void(ExitCode)>& end = end_process);

RankReport run_rank(RankSetup setup, const RankProgram& program);

}  // namespace shardpipe
