// Image: pixels, top row first, three bytes each: red, green, blue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/output_file.h"

namespace shardpipe::viz {

struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb = {};

  std::size_t offset(int x, int y) const {
    return 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                static_cast<std::size_t>(x));
  }
};

// usage_error as OutputFile's; the second opens `file` for it.
void write_png(const Image& image, OutputFile& out);
void write_png(const Image& image, const std::string& file);

// usage_error "FILE: ..." if it is not a PNG.
Image read_png(const std::string& file);

}  // namespace shardpipe::viz
