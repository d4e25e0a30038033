// What SVG and HTML have in common.
#pragma once

#include <string>
#include <string_view>

namespace shardpipe {

// For text and for attributes in quotes: & < > " ' are written as entities, line breaks and tabs as
// spaces, and what is not printable as core/base/printable.h shows it: XML forbids most of it.
std::string escaped(std::string_view words);

// With at most two decimals, and none that are zero: "12.5", "3", "0".
std::string pixels(double value);

}  // namespace shardpipe
