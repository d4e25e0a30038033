// The files of `lab run` and `lab compare`: opened before the runs, written behind their results.
#pragma once

#include <vector>

#include "labs/cli/lab_flags.h"

namespace shardpipe {

// usage_error if a file that one of the runs would write is one that any of them reads or writes,
// or cannot be written. Only the first of several processes opens files. picture: what another
// program will write behind the runs; "": none.
void open_files(const std::vector<const LabCommand*>& commands, const std::string& picture = "");

// What cannot be saved is said on stderr, and costs no other file. success, or what was said.
ExitCode save_files(const LabResult& result);

}  // namespace shardpipe
