# Parts of the kit, to be built one by one: targets part_NAME.

# shardpipe_part(NAME TARGET...): builds those of the targets that are there.
function(shardpipe_part name)
  add_custom_target(part_${name})
  foreach(target ${ARGN})
    if(TARGET ${target})
      add_dependencies(part_${name} ${target})
      set_property(GLOBAL APPEND_STRING PROPERTY SHARDPIPE_PARTS "$<TARGET_FILE_NAME:${target}> ${name}\n")
    endif()
  endforeach()
endfunction()

# Lists them for core/launch/parts.h, a line a file that can be built: its name, the part.
function(shardpipe_list_parts)
  get_property(parts GLOBAL PROPERTY SHARDPIPE_PARTS)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/parts CONTENT "${parts}")
endfunction()
