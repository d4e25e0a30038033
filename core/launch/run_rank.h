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

RankReport run_rank(RankSetup setup, const RankProgram& program);

}  // namespace shardpipe
