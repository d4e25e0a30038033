// The flags of `lab run LAB` and of both sides of `lab compare`.
#pragma once

#include <string>
#include <vector>

#include "labs/lab.h"

namespace shardpipe {

struct LabCommand {
  LabOptions options = {};
  std::vector<NamedFile> read = {};  // files that the run reads
  std::string ranks = {};            // which are shown (core/trace/rank_rows.h)
  bool json = false;
  bool help = false;
  std::string help_text = {};
};

// Throws a usage error of one line for flags or values that do not exist.
LabCommand parse_lab_flags(const Lab& lab, const std::vector<std::string>& arguments);

// "--tp 2 --technique naive" -> words. Quotes are not needed by any flag.
std::vector<std::string> split_words(const std::string& line);

}  // namespace shardpipe
