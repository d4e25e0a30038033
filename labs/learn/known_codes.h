// The names of mistakes, which are those of the pages in docs/why.
#pragma once

#include <map>
#include <string>

#include "core/base/json.h"

namespace shardpipe {

// Of all wrong answers and known guesses, by name: {"scores": [70, 91], of exercises, "guesses":
// [{"question", "value", "answer"}]}. `./lab dev verify` runs the answers and finds these scores.
const std::map<std::string, Json>& known_codes();

}  // namespace shardpipe
