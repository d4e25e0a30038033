// check --device: a right answer, confirmed on a backend other than cpu.
#pragma once

#include "labs/learn/check.h"

namespace shardpipe {

// Numbers of ranks that the exercise is tried on; empty: it runs on no device.
std::vector<int> sizes_of(const ExerciseFile& exercise);

// graded: on cpu. The same cases on `device`, mpi or cuda: PASS, DIFFERS, CRASH, NO_END; NOT_RUN if
// what was graded is not right. Error(absent) if the backend is not to be had here.
CheckResult confirm_answer(const CheckResult& graded, const std::vector<int>& sizes,
                           const std::string& device);

}  // namespace shardpipe
