// The flags that say which decoder a lab runs and on which text, and that decoder. A lab lists
// those it takes among its toggles; the others have their defaults.
#pragma once

#include "core/model/config.h"
#include "labs/lab.h"

namespace shardpipe {

Toggle family_toggle();  // GPT-2 where it is small, Llama at real size
Toggle family_toggle(Family by_default);
Toggle tied_toggle();
Toggle style_toggle();
Toggle fused_toggle();
Toggle text_toggle();
Toggle dtype_toggle();
Toggle recipe_toggle();
Toggle warmup_toggle();
Toggle weight_decay_toggle();
Toggle decay_steps_toggle();

// What was given, or the default.
std::string value_of(const LabOptions& options, const Toggle& toggle);

// What --family says, or what is usual at the size that complete() (harness.h) gives the device.
Family family_of(const LabOptions& options);

// What --dtype says, or what is usual on the device (run_on.h).
DType dtype_of(const LabOptions& options);

// Of the toggles above and the shape; paired.
DecoderConfig model_of(const LabOptions& options, const LabShape& shape);
// The same for a layer alone: no optimizer follows, and its gradients are of the weights' type.
DecoderConfig layer_model_of(const LabOptions& options, const LabShape& shape);

// AdamW's options, with --weight-decay; and the steps of --warmup.
AdamWOptions adamw_of(const LabOptions& options, double learning_rate);
int warmup_of(const LabOptions& options);

// Of the toggle; 0: the learning rate stays.
int decay_steps_of(const LabOptions& options);

// Products in the longest sum of a training step with T tokens (core/model/error_bound.h).
Index longest_sum(const DecoderConfig& config, Index tokens);

// Without what makes it faster: what a trial on one rank is, so that whatever that gets wrong
// shows.
DecoderConfig plain_way(const DecoderConfig& config);

// The bytes that --text names, or the kit's own text: data/ of the data root.
std::string text_of(const LabOptions& options);

}  // namespace shardpipe
