// lab trace stats FILE...
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/trace/read.h"
#include "core/trace/stats.h"
#include "labs/cli/verbs.h"

namespace shardpipe {

int verb_trace(const Arguments& arguments) {
  const char* usage = "usage: ./lab trace stats FILE... [--json]\n";
  if (wants_help(arguments)) {
    std::cout << usage
              << "example: ./lab run tp-block --trace block.json && ./lab trace stats block.json\n";
    return 0;
  }
  if (arguments.empty() || arguments[0] != "stats")
    usage_error(text("lab trace '", arguments.empty() ? "" : arguments[0],
                     "': the one thing it does is: lab trace stats FILE... [--json]"));
  bool json = false;
  Arguments files;
  for (auto it = arguments.begin() + 1; it != arguments.end(); ++it) {
    if (*it == "--json")
      json = true;
    else if (it->starts_with("-"))
      usage_error(text("lab trace stats has no flag ", *it, " (allowed: --json)"));
    else
      files.push_back(*it);
  }
  if (files.empty()) usage_error("lab trace stats: name at least one trace file");
  nlohmann::json documents = nlohmann::json::array();
  for (const std::string& file : files) {
    const auto [trace, warnings] = read_trace({file});
    for (const std::string& warning : warnings) std::cerr << "lab: " << warning << "\n";
    const TraceStats stats = statistics(trace);
    if (json)
      documents.push_back(to_json(stats, trace));
    else
      std::cout << file << "\n" << to_text(stats, trace) << "\n";
  }
  if (json) std::cout << (files.size() == 1 ? documents[0] : documents).dump(2) << "\n";
  return 0;
}

}  // namespace shardpipe
