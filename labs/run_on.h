// Where a lab runs: LabOptions::device, with the links of LabOptions::link or the hardware of
// LabOptions::hardware.
#pragma once

#include "labs/lab.h"

namespace shardpipe {

// Refuses grids, devices and profiles that do not exist, before anything is built.
void check_options(const LabOptions& options);
RunReport run_on(const LabOptions& options, const RankProgram& program);
// Where ranks are processes they watch each other from here on: start_mpi.
void start_ranks(const LabOptions& options);

// True where this machine's cores compute the numbers: cpu and mpi.
bool computes_here(const std::string& device);
DType dtype_on(const std::string& device);  // f32; modelled prices bf16

}  // namespace shardpipe
