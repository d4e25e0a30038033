#include "core/launch/plugin.h"

#include <dlfcn.h>
#include <unistd.h>

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

}  // namespace

void* find_in(const Plugin& plugin, const char* symbol) {
  const std::string file = own_folder() + "/" + plugin.file;
  if (access(file.c_str(), F_OK) != 0)
    fail(ExitCode::absent, text("the ", plugin.backend, " backend is not built: ", plugin.needs,
                                " when this was configured (there is no ", file, ")"));
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
