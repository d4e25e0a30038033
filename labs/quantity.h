// Numbers in texts for people: "6.48 ms", "1.26 GiB", "33 %", "13,427", "2.8x", "70.6e9".
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace shardpipe {

struct Quantity {
  double value = 0;  // in seconds, bytes, or as a fraction where "%" stands
  double bare = 0;   // the number without its unit
  double step = 0;   // of its last digit, in units of value; not of zeros at its end: 300
  std::size_t at = 0, length = 0;  // the number in the text, without its unit
  std::size_t unit_end = 0;        // behind its unit
};

// In their order. What belongs to a name is none: 8xH100, 1F1B, f32, arXiv numbers.
std::vector<Quantity> quantities_in(std::string_view words);

// All values of one cell of a table.
std::vector<double> numbers_of_cell(std::string_view cell);

}  // namespace shardpipe
