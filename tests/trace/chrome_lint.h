// The rules by which Perfetto accepts Chrome JSON, replayed: json_trace_tokenizer,
// json_trace_parser, slice_tracker and flow_tracker of google/perfetto. What breaks one is dropped
// or moved there.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shardpipe {

struct LintReport {
  std::vector<std::string> errors = {};
  int slices = 0, flows = 0;  // flows: bound at both ends
};

LintReport lint_chrome(const nlohmann::json& document);

}  // namespace shardpipe
