// The verbs of the program. Each returns its exit code; bad input throws Error(usage).
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

using Arguments = std::vector<std::string>;  // after the verb

int verb_demo(const Arguments& arguments);
int verb_doctor(const Arguments& arguments);
int verb_list(const Arguments& arguments);
int verb_run(const Arguments& arguments);
int verb_compare(const Arguments& arguments);
int verb_schedule(const Arguments& arguments);
int verb_bench(const Arguments& arguments);
int verb_trace(const Arguments& arguments);
int verb_view(const Arguments& arguments);
int verb_report(const Arguments& arguments);

// The programs of lab view and lab report. Error(absent), with what to type, where they are not
// built: for verbs that would otherwise find out after they have worked.
std::string find_viewer();
std::string find_report();

// Starts the viewer with these arguments, waits for it and returns its exit code; kInterrupted
// after Ctrl-C. Error(absent) where it is not built.
constexpr int kInterrupted = 130;
int run_viewer(const Arguments& arguments);

// True if stdout is a terminal and NO_COLOR is not set.
bool colour_wanted();
// True for "--help" or "-h" among the arguments.
bool wants_help(const Arguments& arguments);

}  // namespace shardpipe
