#include "core/launch/parts.h"

#include <dlfcn.h>

#include <fstream>

namespace shardpipe {

std::string beside_library(const std::string& name) {
  Dl_info info = {};  // of the library that this function is in
  if (dladdr(reinterpret_cast<void*>(&beside_library), &info) == 0 || info.dli_fname == nullptr)
    return "./" + name;
  const std::string file = info.dli_fname;
  const std::size_t slash = file.rfind('/');
  return (slash == std::string::npos ? "." : file.substr(0, slash)) + "/" + name;
}

std::string how_to_build(const std::string& file) {
  // no InputFile: cmake/Parts.cmake wrote it
  std::ifstream parts(beside_library("parts"));
  for (std::string name, part; parts >> name >> part;)
    if (name == file) return "not built yet: ./lab build " + part;
  return "";
}

}  // namespace shardpipe
