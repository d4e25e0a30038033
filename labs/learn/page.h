// Words for a terminal of 100 columns.
#pragma once

#include <string>

namespace shardpipe {

// Paragraphs broken at spaces, each line after `margin`. Blocks between ``` and lines that are
// indented, headings or rows of a table stay as they are.
std::string wrapped(const std::string& page, const std::string& margin = "");

// The page of a mistake, docs/why/CODE.md, whether or not there is one.
std::string why_file(const std::string& code);
bool has_page(const std::string& code);

}  // namespace shardpipe
