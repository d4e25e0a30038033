// Opens libshardpipe_cuda.so, which lies beside libshardpipe.so, when the cuda backend is asked
// for. So a program that never asks loads none of CUDA's libraries (220 MB of memory), and one
// without the plugin starts all the same.
#include <dlfcn.h>
#include <unistd.h>

#include "core/launch/cuda_plugin.h"
#include "core/launch/launch.h"
#include "core/launch/machine.h"

namespace shardpipe {
namespace {

constexpr const char* kFile = "libshardpipe_cuda.so";

// The folder of the library that this function is in.
std::string own_folder() {
  Dl_info info = {};
  if (dladdr(reinterpret_cast<void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr)
    return ".";
  const std::string file = info.dli_fname;
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "." : file.substr(0, slash);
}

void* find(const char* symbol) {
  const std::string file = own_folder() + "/" + kFile;
  if (access(file.c_str(), F_OK) != 0)
    fail(ExitCode::absent,
         text("the cuda backend is not built: no CUDA compiler was found when this was configured "
              "(there is no ",
              file, ")"));
  // Never closed: see cuda_plugin.h. Opening it again gives the same handle.
  void* plugin = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr)
    fail(ExitCode::absent, text("the cuda backend does not load: ", dlerror()));
  void* address = dlsym(plugin, symbol);
  if (address == nullptr)
    fail(ExitCode::absent,
         text("the cuda backend is of another build: ", file, " has no ", symbol));
  return address;
}

}  // namespace

RunReport run_on_cuda(const RunOptions& options, const RankProgram& program) {
  RunReport report;
  reinterpret_cast<CudaRun*>(find(kCudaRunSymbol))(options, program, report);
  return report;
}

std::string cuda_status() {
  try {
    std::string status;
    reinterpret_cast<CudaStatus*>(find(kCudaStatusSymbol))(status);
    return status;
  } catch (const Error& e) {
    return e.what();
  }
}

}  // namespace shardpipe
