# What the viewer draws with. Targets, each only where it can be had:
#   viz::imgui  Dear ImGui without any window system: the system's package, or else one pinned commit
#   PNG::PNG    libpng
#   glfw, OpenGL::GL, viz::imgui_window  ImGui's back ends for a window
# viz/CMakeLists.txt builds what they allow; without them `lab view` says what to install.
find_package(PNG QUIET)
find_package(glfw3 3.3 CONFIG QUIET)
set(OpenGL_GL_PREFERENCE GLVND)
find_package(OpenGL QUIET)
if(TARGET glfw AND TARGET OpenGL::GL)
  set(window_libraries glfw OpenGL::GL ${CMAKE_DL_LIBS})
endif()

find_package(imgui CONFIG QUIET)  # vcpkg, Conan
find_package(PkgConfig QUIET)
if(TARGET imgui::imgui)
  add_library(viz_imgui INTERFACE)
  target_link_libraries(viz_imgui INTERFACE imgui::imgui)
elseif(PkgConfig_FOUND)
  pkg_check_modules(IMGUI QUIET imgui>=1.86)
endif()

# Debian's archive holds the back ends as well, and imgui.pc names neither GLFW nor OpenGL. A flat list
# of libraries would put them before the archive; an imported target with dependencies cannot.
function(viz_imported_imgui target)
  find_library(IMGUI_ARCHIVE NAMES imgui HINTS ${IMGUI_LIBDIR})
  set(needed ${ARGN})
  foreach(name ${IMGUI_LIBRARIES})
    if(NOT name STREQUAL "imgui")
      find_library(IMGUI_NEEDS_${name} NAMES ${name} HINTS ${IMGUI_LIBDIR})
      list(PREPEND needed ${IMGUI_NEEDS_${name}})
    endif()
  endforeach()
  add_library(${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${IMGUI_ARCHIVE}"
    IMPORTED_LINK_INTERFACE_LANGUAGES CXX INTERFACE_INCLUDE_DIRECTORIES "${IMGUI_INCLUDE_DIRS}"
    INTERFACE_LINK_LIBRARIES "${needed}")
endfunction()

if(NOT TARGET viz_imgui AND IMGUI_FOUND)
  viz_imported_imgui(viz_imgui)
  if(window_libraries)
    viz_imported_imgui(viz_imgui_window ${window_libraries})
    include(CheckCXXSourceCompiles)
    set(CMAKE_REQUIRED_LIBRARIES viz_imgui_window)
    check_cxx_source_compiles("#include <imgui.h>
      #include <backends/imgui_impl_glfw.h>
      #include <backends/imgui_impl_opengl3.h>
      int main() { ImGui_ImplGlfw_NewFrame(); ImGui_ImplOpenGL3_NewFrame(); }" IMGUI_HAS_BACKENDS)
    unset(CMAKE_REQUIRED_LIBRARIES)
    if(IMGUI_HAS_BACKENDS)
      add_library(viz::imgui_window ALIAS viz_imgui_window)
    endif()
  endif()
elseif(NOT TARGET viz_imgui)
  shardpipe_fetch(IMGUI_SOURCE https://github.com/ocornut/imgui
    f5befd2d29e66809cd1110a152e375a7f1981f06 .)  # v1.91.9b
  if(IMGUI_SOURCE)
    add_library(viz_imgui STATIC ${IMGUI_SOURCE}/imgui.cpp ${IMGUI_SOURCE}/imgui_draw.cpp
      ${IMGUI_SOURCE}/imgui_tables.cpp ${IMGUI_SOURCE}/imgui_widgets.cpp)
    target_include_directories(viz_imgui SYSTEM PUBLIC ${IMGUI_SOURCE})
    if(window_libraries)
      add_library(viz_imgui_window STATIC ${IMGUI_SOURCE}/backends/imgui_impl_glfw.cpp
        ${IMGUI_SOURCE}/backends/imgui_impl_opengl3.cpp)
      target_link_libraries(viz_imgui_window PUBLIC viz_imgui ${window_libraries})
      add_library(viz::imgui_window ALIAS viz_imgui_window)
    endif()
  endif()
endif()
if(TARGET viz_imgui)
  add_library(viz::imgui ALIAS viz_imgui)
endif()
