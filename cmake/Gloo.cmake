# Gloo (package libgloo-dev), to compare lab bench collectives with. Sets SHARDPIPE_HAS_GLOO.
set(SHARDPIPE_HAS_GLOO OFF)
find_package(Gloo CONFIG QUIET)
if(TARGET gloo)
  set(SHARDPIPE_HAS_GLOO ON)
endif()
