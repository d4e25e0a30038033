// The costs of a schedule as words of the command line.
#pragma once

#include <string>

#include "core/schedule/simulator.h"

namespace shardpipe {

// "F,I,W,C", of --costs. Usage error for anything else.
Costs parse_costs(const std::string& words);

// --stage-costs: one word for each of the schedule's stages, in order of the model. A number n
// stands for n times what a stage takes by `costs`; "F/I/W" is what this stage takes. Usage error
// for another number of words, or other words.
std::vector<Costs::Stage> parse_stage_costs(const std::string& words, const Costs& costs,
                                            const Schedule& schedule);

}  // namespace shardpipe
