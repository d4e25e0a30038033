// The flags that say which decoder a lab runs, and that decoder. A lab lists those it takes among
// its toggles; the others have their defaults.
#pragma once

#include "core/model/config.h"
#include "labs/lab.h"

namespace shardpipe {

Toggle family_toggle(Family by_default = Family::gpt2);
Toggle tied_toggle();
Toggle style_toggle();
Toggle fused_toggle();

// What was given, or the default.
std::string value_of(const LabOptions& options, const Toggle& toggle);

// Of all toggles above and the shape; paired, in the dtype of the device.
DecoderConfig model_of(const LabOptions& options, const LabShape& shape);

}  // namespace shardpipe
