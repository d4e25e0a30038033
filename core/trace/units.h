// Numbers for people: four figures and the unit that fits. Used only where text is printed.
#pragma once

#include <cstdint>
#include <string>

namespace shardpipe {

std::string time_text(std::int64_t ns);          // "1.234 ms"
std::string bytes_text(double bytes);            // "1.500 MiB"
std::string bandwidth_text(double bytes_per_s);  // "12.34 GB/s": powers of 1000, as NCCL's
std::string percent_text(std::int64_t part, std::int64_t whole);  // "12.3 %"; of 0: "-"

int width_of(const std::string& line);  // code points; colour sequences (ESC ... m) do not count

// `name` for one line of a table: printable (core/base), cut to `width` with "..." at the end.
std::string printable(const std::string& name, int width);

// Padded with spaces to `width`, on the left; to -width on the right if width < 0.
std::string pad(const std::string& value, int width);

// `line` and a line break, broken at spaces into lines of `width`; all begin with `indent` spaces,
// those after the first with four more. A longer word stays whole.
std::string wrapped(const std::string& line, int indent, int width = 100);

}  // namespace shardpipe
