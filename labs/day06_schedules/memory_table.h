// What each schedule asks of memory: predicted (core/plan/memory_model.h) beside measured.
#pragma once

#include "core/plan/memory_model.h"
#include "labs/lab.h"

namespace shardpipe {

struct MemoryQuestion {
  DecoderConfig config = {};
  GridShape grid = {};
  GridOrder order = kDefaultOrder;
  PipelineOptions options = {};  // of all schedules; its schedule and chunks do not matter
  Index tokens = 0;              // of one micro-batch
  std::vector<std::string> schedules = {};
};

// Runs a program on the ranks of the question's grid, on whatever machine.
using Runner = std::function<RunReport(const RankProgram&)>;

// One row a schedule, for its worst rank: peak in flight of every pipeline rank, the predicted peak
// by what it is for, the measured peak of one training step, and the largest difference between
// the two on any rank. Schedules that do not exist for these sizes are left out.
LabTable memory_table(const MemoryQuestion& question, const Runner& run);

}  // namespace shardpipe
