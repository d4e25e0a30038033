# Standard headers are parsed once, in libshardpipe's lowest layer, and not again in every file.
# shardpipe_precompiled(TARGET [OWNER]): TARGET uses what OWNER (shardpipe_base) precompiled. It must be
# compiled with the same flags: a source file with flags of its own says SKIP_PRECOMPILE_HEADERS, and a
# target with such flags does without. Source files still include all they use.
option(SHARDPIPE_PRECOMPILE "Standard headers are precompiled" ON)

# Those that one file in seven reads, or more: each makes every compilation a little longer.
set(SHARDPIPE_STANDARD_HEADERS <algorithm> <array> <atomic> <cmath> <cstdint> <cstdio> <cstring>
  <functional> <limits> <map> <memory> <optional> <set> <sstream> <stdexcept> <string> <string_view>
  <tuple> <utility> <variant> <vector>)

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
