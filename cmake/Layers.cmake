# One object library per layer of core/; together they are libshardpipe.so.
# shardpipe_layer(NAME SOURCES a.cc b.cc [LIBRARIES target...] [OWN_FLAGS])
# OWN_FLAGS: it is compiled with more than the usual flags, so without the precompiled headers.
function(shardpipe_layer name)
  cmake_parse_arguments(ARG "OWN_FLAGS" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(shardpipe_${name} OBJECT ${ARG_SOURCES})
  target_link_libraries(shardpipe_${name} PUBLIC shardpipe_flags PRIVATE ${ARG_LIBRARIES})
  if(NOT ARG_OWN_FLAGS)
    shardpipe_precompiled(shardpipe_${name})
  endif()
  set_property(GLOBAL APPEND PROPERTY SHARDPIPE_LAYERS shardpipe_${name})
  set_property(GLOBAL APPEND PROPERTY SHARDPIPE_LIBRARIES ${ARG_LIBRARIES})
endfunction()
