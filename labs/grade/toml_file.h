// A TOML file, read whole. Only what is compiled with toml++ includes this (labs/CMakeLists.txt).
#pragma once

#include <toml++/toml.h>
#include <string>

#include "labs/grade/exercise_file.h"

namespace shardpipe {

// Error(code) with file and line where it is not TOML: ExitCode::fault for the kit's own files.
inline toml::table read_toml(const std::string& file, ExitCode code) {
  try {
    return toml::parse(read_file(file), file);
  } catch (const toml::parse_error& e) {
    fail(code, text(file, ":", e.source().begin.line, ": ", e.description()));
  }
}

}  // namespace shardpipe
