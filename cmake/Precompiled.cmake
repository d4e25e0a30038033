# Standard headers are parsed once, in libshardpipe's lowest layer, and not again in every file.
# shardpipe_precompiled(TARGET [OWNER]): TARGET uses what OWNER (shardpipe_base) precompiled. It must be
# compiled with the same flags: a source file with flags of its own says SKIP_PRECOMPILE_HEADERS, and a
# target with such flags does without. Source files still include all they use.
option(SHARDPIPE_PRECOMPILE "Standard headers are precompiled" ON)

set(SHARDPIPE_STANDARD_HEADERS <algorithm> <array> <atomic> <chrono> <cmath> <condition_variable>
  <cstdint> <cstdio> <cstring> <filesystem> <fstream> <functional> <iostream> <limits> <map> <memory>
  <mutex> <numeric> <optional> <set> <sstream> <string> <string_view> <thread> <tuple> <unordered_map>
  <utility> <variant> <vector>)

# Programs are compiled as libraries are, so that one precompiled header serves both.
set(CMAKE_CXX_COMPILE_OPTIONS_PIE ${CMAKE_CXX_COMPILE_OPTIONS_PIC})

# What ccache asks for (its manual, "Precompiled headers").
if(CCACHE AND SHARDPIPE_PRECOMPILE)
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>
    "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

function(shardpipe_precompiled target)
  set(owner ${ARGN} shardpipe_base)
  list(GET owner 0 owner)
  if(SHARDPIPE_PRECOMPILE AND NOT target STREQUAL owner)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  elseif(SHARDPIPE_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${SHARDPIPE_STANDARD_HEADERS})
  endif()
endfunction()
