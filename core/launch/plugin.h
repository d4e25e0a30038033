// Plugins: libraries beside libshardpipe.so that are opened when a backend is asked for. So a
// program that never asks loads none of a vendor's libraries, and one without the plugin starts all
// the same.
//
// Plugin and program come out of one build, so C++ types and exceptions cross the line; a plugin is
// never closed, because an exception may still carry its code.
#pragma once

#include <string>

namespace shardpipe {

struct Plugin {
  const char* backend;  // "cuda"
  const char* file;     // "libshardpipe_cuda.so"
  const char* needs;    // what was missing where it was not built: "no CUDA compiler was found"
};

// The address of one of its functions. Error(absent): no such plugin, it does not load, or it is of
// another build. Of a plugin that did not compile FILE.failed holds the reason, in a line.
void* find_in(const Plugin& plugin, const char* symbol);

// The same if the plugin has been opened; else nullptr.
void* find_if_open(const Plugin& plugin, const char* symbol);

}  // namespace shardpipe
