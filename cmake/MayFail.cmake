# shardpipe_may_fail(TARGET FILE): FILE, which TARGET makes, is one that the kit can do without. If it
# does not compile or link, the build goes on without it (may_fail.sh) and FILE.failed says why.
function(shardpipe_may_fail target file)
  set(launcher bash ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/may_fail.sh ${file})
  foreach(language CXX CUDA)
    set_target_properties(${target} PROPERTIES
      ${language}_COMPILER_LAUNCHER "${launcher}")  # a list, with ccache at its end
    set_property(TARGET ${target} APPEND PROPERTY
      ${language}_COMPILER_LAUNCHER ${CMAKE_${language}_COMPILER_LAUNCHER})
  endforeach()
  list(JOIN launcher "\" \"" launcher)  # this property is text for a shell
  set_target_properties(${target} PROPERTIES RULE_LAUNCH_LINK "\"${launcher}\"")
endfunction()
