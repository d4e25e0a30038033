// What is to be said of a grading process that ended without a report.
#pragma once

#include "labs/learn/check.h"
#include "labs/learn/child.h"

namespace shardpipe {

CheckResult verdict(CheckResult result, const char* code, ExitCode exit, const std::string& say);

// What a process of the kit that ends says last: "lab-grade: ..." or, of a run, its sentence; else
// the last line. It is taken out of the output, with what mpirun says after it.
std::string sentence_in(std::string& output);

// CRASH, NO_END or NO_ENTRY, with where and why; result.output is what the process printed.
// Error(fault) where the kit is to blame.
CheckResult without_report(CheckResult result, const ChildEnd& end);

}  // namespace shardpipe
