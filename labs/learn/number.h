// A number as a person types it.
#pragma once

#include <charconv>
#include <optional>
#include <string>

namespace shardpipe {

// All of the line, or nothing.
inline std::optional<double> number_in(const std::string& line) {
  double number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc() || end != line.data() + line.size()) return std::nullopt;
  return number;
}

}  // namespace shardpipe
