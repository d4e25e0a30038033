// Regions: the parts of an exercise that the learner writes. A solution marks them, and everything
// else is made from it: the stub, and one source that holds all known wrong answers.
//
//   // >>> region 1: what holds afterwards (about 8 lines)
//   ...
//   // <<< region 1
//
// A region is the whole body of one free function, so that it can be exchanged for another one.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace shardpipe {

struct Region {
  int number = 1;
  std::string promise = {};        // the text of its first line
  std::size_t begin = 0, end = 0;  // of its body in the source: whole lines
};

// Numbered 1, 2, ... in the order of the source. `file` names it in errors (usage): markers that
// are nested, not closed, missing or out of order.
std::vector<Region> regions_of(const std::string& source, const std::string& file);

// The source with other bodies in some of its regions.
std::string with_bodies(const std::string& source, const std::string& file,
                        const std::map<int, std::string>& bodies);

// What a learner starts from: every region says not_written(its number), or holds its planted bug.
std::string stub_of(const std::string& solution, const std::string& file,
                    const std::map<int, std::string>& planted);

// One translation unit with the solution and every variant of it, each in a namespace of its own.
// The entry of variant "RS-OVERWRITE" is shardpipe_known_RS_OVERWRITE, of the solution
// shardpipe_known_solution. What variants may replace: `namespace shardpipe::answer` and
// `shardpipe_answer`, which every answer has. What a compiler says of a variant names it as the
// file.
std::string known_source(const std::string& solution,
                         const std::map<std::string, std::string>& variants);
std::string known_entry(const std::string& name);

}  // namespace shardpipe
