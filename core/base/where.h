// A place in the source. Where::here() as a default argument names the caller.
#pragma once

#include <string>

namespace shardpipe {

struct Where {
  const char* file = "";
  int line = 0;
  static constexpr Where here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
  explicit operator bool() const { return line > 0; }
  const char* name() const;  // of the file, without its folders
  // "block.cc:41" between the two; "" where there is no place.
  std::string words(const char* before = "", const char* after = "") const;
};

}  // namespace shardpipe
