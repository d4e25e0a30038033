// The labs whose subject is a decoder trained on tp x pp x dp ranks. They differ in what the
// technique chooses, in their toggles and in the tables below the run.
#pragma once

#include "core/model/pipeline_decoder.h"
#include "labs/harness.h"
#include "labs/model_flags.h"

namespace shardpipe {

// Shapes that these labs share: 8 layers that a laptop trains, and a 70B-class model of fewer
// layers.
LabShape small_pipeline_shape();
LabShape real_pipeline_shape();

struct PipelineLab {
  std::string name = {};
  // Sets what the technique stands for.
  std::function<void(const LabOptions&, PipelineOptions&)> apply = {};
  int microbatches = 8;  // m if not given
  int warmup = 1;        // steps before those that are measured, on cpu; 0 elsewhere
  int steps = 2;         // on cpu; 1 elsewhere
};

// apply of labs whose technique is a schedule.
void technique_is_schedule(const LabOptions& options, PipelineOptions& pipeline);

// Toggles that any of these labs may have; a lab lists those it wants.
Toggle p2p_toggle();
Toggle chunks_toggle();
Toggle group_toggle();
Toggle scatter_toggle();
Toggle recompute_toggle();
Toggle gradient_sync_toggle();
Toggle clip_toggle();
Toggle schedule_toggle();

// Training steps on text. The losses are compared with those of one rank that takes the same
// micro-batches one after the other. Usage errors name the flag that does not fit.
LabResult run_pipeline_lab(const PipelineLab& lab, const LabOptions& options);

// What a run of this lab does, from its flags. Usage error for a schedule that does not exist for
// these sizes.
PipelineOptions pipeline_options(const PipelineLab& lab, const LabOptions& options);

}  // namespace shardpipe
