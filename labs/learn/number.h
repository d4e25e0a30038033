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

// All of its digits, so that number_in gives the same number again.
inline std::string all_digits(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

}  // namespace shardpipe
