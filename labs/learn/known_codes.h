// The names of mistakes, which are those of the pages in docs/why.
#pragma once

#include <set>
#include <string>

namespace shardpipe {

// Of all wrong answers and known guesses. Answers are run, and guesses reckoned, by
// `./lab dev verify`.
const std::set<std::string>& known_codes();

}  // namespace shardpipe
