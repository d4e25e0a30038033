// Pieces of HTML, well-formed also as XML.
#pragma once

#include <string>

#include "viz/model/table.h"

namespace shardpipe::viz {

std::string element(const std::string& tag, const std::string& inside);  // not escaped
std::string paragraph(const std::string& words);                         // escaped
std::string table_html(const Table& table);

// The whole document.
std::string page_html(const std::string& title, const std::string& body);

}  // namespace shardpipe::viz
