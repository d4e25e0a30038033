// A small table of words, as pages show it and reports print it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace shardpipe::viz {

enum class Tone : std::uint8_t { plain, good, bad };  // of a row's last cell

struct Table {
  struct Row {
    std::vector<std::string> cells = {};  // as many as there are columns
    Tone tone = Tone::plain;
  };
  std::vector<std::string> columns = {};  // the first one is aligned to the left
  std::vector<Row> rows = {};

  bool empty() const { return columns.empty(); }
};

}  // namespace shardpipe::viz
