// What a lab's run would need of this machine, reckoned before anything is made, and its refusal.
// Where limits are decided: docs/architecture.md.
#pragma once

#include "core/base/supply.h"
#include "core/plan/run_bound.h"
#include "labs/lab.h"

namespace shardpipe {

// Of a token in the batches that a rank takes: itself and its target, as they are collected, and
// cut into micro-batches.
inline constexpr double kBytesOfToken = 3 * 2 * sizeof(std::int32_t);

// Of a lab's program on one grid.
struct LabNeed {
  RunBound run = {};
  double numbers = 0;  // bytes on the host of what one rank gives to compare or to save
  double batches = 0;  // bytes on the host of texts, files and batches
  int streams = 2;     // of a rank, each a thread on cpu and mpi
  // What a person may make smaller.
  const char* weight_flags = "--layers, --hidden, --ffn or --vocab";
  const char* tensor_flags = "--batch, --seq, --hidden or --layers";
  const char* record_flags = "--steps, --layers or --microbatches";
};

// LabNeed::numbers of a training: each rank's gradients, to compare; alone it keeps those of a run
// and of one whose weights are shaken.
double numbers_of_trial(const RunBound& run, GridShape grid);

// Of one process while a lab runs in it.
struct Bill {
  struct Part {
    std::string what = {};
    double bytes = 0;
    std::string flags = {};  // that make it smaller; "": none
  };
  std::vector<Part> parts = {};
  double threads = 0;
  double reserved = 0;  // bytes of address space that are asked for and not filled
  int processes = 1;    // of the run on this machine: they share what it has

  double bytes() const;
};

// Usage error for sizes, and for bytes of all tensors together, that 64 bits would not count.
void refuse_uncountable(const LabShape& shape);

// need: of the lab's grid and, where it is compared, of one rank, which runs before. steps: all.
Bill bill_of(const LabOptions& options, int steps, const LabNeed& need, const LabNeed* one);

// Usage error that says what would be needed, what there is, and what to make smaller.
void refuse_beyond(const Supply& supply, const Bill& bill);

}  // namespace shardpipe
