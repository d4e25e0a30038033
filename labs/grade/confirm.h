// Confirms an answer on another backend: the cases it is graded with run there too, and the numbers
// of every rank are compared. It earns nothing: what is sent, when, and how much memory that takes
// has been judged on the modelled device.
#pragma once

#include <string>
#include <vector>

#include "labs/grade/device_cases.h"
#include "labs/grade/report.h"

namespace shardpipe {

// Numbers of ranks that the cases run on, each once, in ascending order.
std::vector<int> sizes_of(const std::vector<DeviceCase>& cases);

// device: "mpi", where this process is one of as many as the cases have ranks and compares what its
// own rank holds; "cuda", where all ranks are threads of this process. PASS, or DIFFERS with the
// first wrong number. Error(absent) if the backend is missing. On mpi a run that fails does not
// return (run_on_mpi).
GradeReport confirm_on(const std::string& device, const std::vector<DeviceCase>& cases);

}  // namespace shardpipe
