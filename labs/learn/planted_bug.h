// The planted bugs of tests/planted_bugs/bugs, one patch a bug: for `lab plant`, which shows what
// one of them does to a run. docs/planted_bugs.md says which test sees each.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct PlantedBug {
  std::string name = {};
  std::string what = {};  // is wrong, in a sentence
  std::string run = {};   // "tp-train --tp 2 ...": a run whose verdict sees it; "": only tests do
  std::string file = {};  // that it changes, below the root
  std::vector<std::string> change = {};  // the lines of the patch that begin with - or +
};

std::vector<PlantedBug> all_planted_bugs();  // by name
// Usage error if there is none.
PlantedBug find_planted_bug(const std::string& name);

// A libshardpipe.so with the bug, in `folder` (SecondLibrary). Usage error for a file that is no
// part of it (a header, another backend), and where the file has changed so that the patch does not
// fit.
void build_with_bug(const PlantedBug& bug, const std::string& folder);

}  // namespace shardpipe
