// What the stages of a model cost on the modelled machine, for the simulator.
#pragma once

#include "core/model/pipeline_decoder.h"
#include "core/schedule/simulator.h"
#include "labs/lab.h"

namespace shardpipe {

// Seconds of one micro-batch of `tokens` tokens on one rank of the grid: the mean over the ranks,
// whose stages need not be equal, and over the messages between them. One micro-batch passes the
// stages on --device modelled; F, I and W are what their streams compute and wait for sums of tp.
Costs stage_costs(const LabOptions& options, const DecoderConfig& config,
                  const PipelineOptions& pipeline, Index tokens);

}  // namespace shardpipe
