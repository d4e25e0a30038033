// For bounds, from both sides: what lies on one is taken, what lies one step beyond it is not.
#pragma once

#include <functional>
#include <string>

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {

// Whether `f` raises an Error. One whose message lacks `words` fails the test: it refuses something
// else.
inline bool refuses(const char* words, const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    const std::string message = e.what();
    INFO(message << " lacks " << words);
    CHECK(message.find(words) != std::string::npos);
    return true;
  }
  return false;
}

}  // namespace shardpipe
