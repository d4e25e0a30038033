// What the commands of claims print.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/base/json.h"

namespace shardpipe {

// A command as it is run: "run tp-mlp --tp 2" with --json.
std::string with_json(const std::string& command);

// The JSON of each command of `lab`, run where docs/ lies, two processes at a time; null for one
// that failed, and why in `failed`.
std::map<std::string, Json> run_commands(const std::set<std::string>& commands,
                                         std::map<std::string, std::string>& failed);

}  // namespace shardpipe
