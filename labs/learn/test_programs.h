// The kit's test programs, run with another libshardpipe.so than theirs.
#pragma once

#include <map>
#include <string>

#include "labs/cli/scratch_folder.h"

namespace shardpipe {

class TestPrograms {
 public:
  TestPrograms();
  // The first that fails with the library in `folder`, those of the source's folder before all
  // others, and whether it only took too long; "" if none does. One that fails with the build's own
  // library, too, from a folder as that one is, says nothing: it is left out, and named once.
  std::string seen_by(const std::string& source, const std::string& folder);

 private:
  double seconds_of(const std::string& test);

  ScratchFolder unchanged_;                // links to the build's libraries
  std::map<std::string, double> seconds_;  // with the build's own library; below 0: it fails
};

}  // namespace shardpipe
