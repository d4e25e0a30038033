#include "core/trace/units.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "core/base/printable.h"

namespace shardpipe {
namespace {

std::string number_text(const char* format, double value, const char* unit) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value, unit);
  return buffer;
}

// `value` in the first unit in which it is below `step`, or in the last one.
std::string scaled_text(double value, double step, const char* const* units, int num_units) {
  int unit = 0;
  while (unit + 1 < num_units && std::abs(value) >= step * (1 - 5e-5)) {
    value /= step;
    ++unit;
  }
  if (unit == 0) return number_text("%.4g %s", value, units[0]);
  const double size = std::abs(value);
  return number_text(size < 9.9995   ? "%.3f %s"
                     : size < 99.995 ? "%.2f %s"
                                     : "%.1f %s",
                     value, units[unit]);
}

}  // namespace

std::string time_text(std::int64_t ns) {
  static constexpr const char* kUnits[] = {"ns", "us", "ms", "s"};
  return scaled_text(static_cast<double>(ns), 1000, kUnits, 4);
}

std::string bytes_text(double bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  return scaled_text(bytes, 1024, kUnits, 5);
}

std::string bandwidth_text(double bytes_per_s) {
  static constexpr const char* kUnits[] = {"B/s", "kB/s", "MB/s", "GB/s", "TB/s"};
  return scaled_text(bytes_per_s, 1000, kUnits, 5);
}

std::string percent_text(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "-";
  return number_text("%.1f %s", 100.0 * static_cast<double>(part) / static_cast<double>(whole),
                     "%");
}

int width_of(const std::string& line) {
  int width = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      while (i < line.size() && line[i] != 'm') ++i;
    } else if ((static_cast<unsigned char>(line[i]) & 0xc0) != 0x80) {
      ++width;  // not a continuation byte of UTF-8
    }
  }
  return width;
}

std::string printable(const std::string& name, int width) {
  std::string line = printable(name);
  if (width_of(line) <= width) return line;
  // Not between the bytes of one code point: those after the first are 10xxxxxx.
  while (width_of(line) > width - 3 || (static_cast<unsigned char>(line.back()) & 0xc0) == 0xc0)
    line.pop_back();
  return line + "...";
}

std::string pad(const std::string& value, int width) {
  const int missing = std::max(0, std::abs(width) - width_of(value));
  const std::string spaces(static_cast<std::size_t>(missing), ' ');
  return width < 0 ? value + spaces : spaces + value;
}

std::string wrapped(const std::string& line, int indent, int width) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  std::string all, last = margin;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const bool is_first = last.find_first_not_of(' ') == std::string::npos;
    if (!is_first && width_of(last) + 1 + width_of(word) > width) {
      all += last + "\n";
      last = margin + "    " + word;
    } else {
      last += (is_first ? "" : " ") + word;
    }
  }
  return all + last + "\n";
}

}  // namespace shardpipe
