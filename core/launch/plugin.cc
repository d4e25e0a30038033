#include "core/launch/plugin.h"

#include <dlfcn.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/launch/parts.h"

namespace shardpipe {

void* find_in(const Plugin& plugin, const char* symbol) {
  const std::string file = beside_library(plugin.file);
  if (access(file.c_str(), F_OK) != 0) {
    if (const std::string how = how_to_build(plugin.file); !how.empty())
      fail(ExitCode::absent, text("the ", plugin.backend, " backend is ", how));
    fail(ExitCode::absent, text("the ", plugin.backend, " backend is not built: ", plugin.needs,
                                " when this was configured (there is no ", file, ")"));
  }
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
