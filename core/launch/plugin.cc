#include "core/launch/plugin.h"

#include <dlfcn.h>
#include <unistd.h>

#include <fstream>

#include "core/base/error.h"
#include "core/launch/parts.h"

namespace shardpipe {
namespace {

// Why there is no such file: what the build left in a line beside it, how it is built, or what was
// not found.
std::string why_absent(const std::string& file, const Plugin& plugin) {
  std::string line;
  std::ifstream left(file + ".failed");  // no InputFile: the build wrote it
  if (std::getline(left, line) && !line.empty()) return "not built: " + line;
  if (const std::string how = how_to_build(plugin.file); !how.empty()) return how;
  return text("not built: ", plugin.needs, " when this was configured (there is no ", file, ")");
}

}  // namespace

void* find_in(const Plugin& plugin, const char* symbol) {
  const std::string file = beside_library(plugin.file);
  if (access(file.c_str(), F_OK) != 0)
    fail(ExitCode::absent, text("the ", plugin.backend, " backend is ", why_absent(file, plugin)));
  // Opening it again gives the same handle.
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr)
    fail(ExitCode::absent, text("the ", plugin.backend, " backend does not load: ", dlerror()));
  void* address = dlsym(handle, symbol);
  if (address == nullptr)
    fail(ExitCode::absent,
         text("the ", plugin.backend, " backend is of another build: ", file, " has no ", symbol));
  return address;
}

void* find_if_open(const Plugin& plugin, const char* symbol) {
  void* handle = dlopen(beside_library(plugin.file).c_str(), RTLD_NOW | RTLD_NOLOAD);
  return handle == nullptr ? nullptr : dlsym(handle, symbol);
}

}  // namespace shardpipe
