// Words for a terminal of 100 columns.
#pragma once

#include <string>

namespace shardpipe {

// Paragraphs broken at spaces, each line after `margin`. Blocks between ``` and lines that are
// indented, headings or rows of a table stay as they are.
std::string wrapped(const std::string& page, const std::string& margin = "");

}  // namespace shardpipe
