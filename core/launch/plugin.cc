#include "core/launch/plugin.h"

#include <dlfcn.h>
#include <unistd.h>

#include <fstream>

#include "core/base/error.h"

namespace shardpipe {
namespace {

// The folder of the library that this function is in.
std::string own_folder() {
  Dl_info info = {};
  if (dladdr(reinterpret_cast<void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr)
    return ".";
  const std::string file = info.dli_fname;
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "." : file.substr(0, slash);
}

// Why there is no such file: what the build left in a line beside it, or what was not found.
std::string why_absent(const std::string& file, const Plugin& plugin) {
  std::string line;
  std::ifstream left(file + ".failed");
  if (std::getline(left, line) && !line.empty()) return line;
  return text(plugin.needs, " when this was configured (there is no ", file, ")");
}

}  // namespace

void* find_in(const Plugin& plugin, const char* symbol) {
  const std::string file = own_folder() + "/" + plugin.file;
  if (access(file.c_str(), F_OK) != 0)
    fail(ExitCode::absent,
         text("the ", plugin.backend, " backend is not built: ", why_absent(file, plugin)));
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

}  // namespace shardpipe
