// RankContext: everything one rank's program may use. Passed explicitly; there are no globals.
#pragma once

#include <functional>
#include <memory>

#include "core/comm/communicator.h"
#include "core/comm/process_grid.h"
#include "core/tensor/math.h"

namespace shardpipe {

// Restores the tags it replaced when it goes.
class Scope {
 public:
  Scope(Device& device, Tags tags) : device_(device), before_(device.tags()) {
    device.tags() = tags;
  }
  ~Scope() { device_.tags() = before_; }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  Device& device_;
  Tags before_;
};

struct RankContext {
  Device& device;
  Math& math;
  const ProcessGrid& grid;
  int rank;  // world rank
  GridCoord coord;
  Stream& compute;  // layers run here
  Stream& comm;     // collectives that overlap with compute run here
  Communicator& world;
  Communicator& tp;
  Communicator& pp;
  Communicator& dp;
  // Opens (first call) and closes (second call) the window that figures are taken over: waits for
  // all ranks, then resets counters and peak memory. Without calls the window is the whole run.
  std::function<void()> begin_window;
  std::function<void()> end_window;

  // Marks operations submitted while the result lives: auto mark = ctx.scope({.step = 3}).
  // Fields left at their default keep their present value.
  [[nodiscard]] Scope scope(Tags tags) const;
};

}  // namespace shardpipe
