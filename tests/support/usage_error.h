// What a person reads after bad input.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>

#include "core/base/error.h"

namespace shardpipe {

// The message of the usage error that `f` raises; otherwise, or if it is not one line, a sentence
// that says so.
inline std::string usage_message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    const std::string message = e.what();
    if (e.code() != ExitCode::usage) return text("exit code ", static_cast<int>(e.code()));
    if (message.find('\n') != std::string::npos) return "more than one line";
    return message;
  } catch (const std::exception& e) {
    return text("not an Error: ", e.what());
  }
  return "no error";
}

// Empty if the message contains all of these, otherwise a sentence.
inline std::string lacks(const std::string& message, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (message.find(word) == std::string::npos)
      return text("'", word, "' is not in '", message, "'");
  return "";
}

}  // namespace shardpipe
