// The files of a new exercise, to be filled in (CONTRIBUTING.md).
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

// topic: "day03_block", id: "day03_qkv_layout". Returns the files it wrote. Usage error for names
// that do not fit, or where something is there already.
std::vector<std::string> make_exercise(const std::string& topic, const std::string& id);

}  // namespace shardpipe
