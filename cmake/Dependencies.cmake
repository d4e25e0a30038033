# System packages first; header-only libraries may also stand in third_party/ (ignored by git); the
# last resort is FetchContent, pinned by commit, for people with network.
include(FetchContent)

# ---- nlohmann-json
find_package(nlohmann_json 3.9 QUIET)
if(NOT TARGET nlohmann_json::nlohmann_json)
  find_path(NLOHMANN_JSON_INCLUDE nlohmann/json.hpp HINTS ${CMAKE_SOURCE_DIR}/third_party)
  if(NLOHMANN_JSON_INCLUDE)
    add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED GLOBAL)
    target_include_directories(nlohmann_json::nlohmann_json INTERFACE ${NLOHMANN_JSON_INCLUDE})
  endif()
endif()

# ---- CLI11
find_package(CLI11 QUIET)
if(NOT TARGET CLI11::CLI11)
  find_path(CLI11_INCLUDE CLI/CLI.hpp HINTS ${CMAKE_SOURCE_DIR}/third_party)
  if(CLI11_INCLUDE)
    add_library(CLI11::CLI11 INTERFACE IMPORTED GLOBAL)
    target_include_directories(CLI11::CLI11 INTERFACE ${CLI11_INCLUDE})
  endif()
endif()

foreach(target nlohmann_json::nlohmann_json CLI11::CLI11)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "${target} is missing: run ./lab doctor, or install nlohmann-json3-dev and "
      "libcli11-dev, or put the headers into third_party/")
  endif()
endforeach()

# ---- BLAS: OpenBLAS with threads of its own (pthread) or none (serial). The openmp variant keeps
# its thread count per thread and would run one team per rank; the cpu backend sets it per thread.
find_package(PkgConfig QUIET)
find_path(OPENBLAS_INCLUDE cblas.h
  HINTS /usr/include/x86_64-linux-gnu/openblas-pthread /usr/include/aarch64-linux-gnu/openblas-pthread
        /usr/include/x86_64-linux-gnu/openblas-serial /usr/include/aarch64-linux-gnu/openblas-serial
        /usr/include/openblas)
find_library(OPENBLAS_LIBRARY NAMES openblas
  HINTS /usr/lib/x86_64-linux-gnu/openblas-pthread /usr/lib/aarch64-linux-gnu/openblas-pthread
        /usr/lib/x86_64-linux-gnu/openblas-serial /usr/lib/aarch64-linux-gnu/openblas-serial)
