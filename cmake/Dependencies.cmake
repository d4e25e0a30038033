# The libraries the kit is built with. In this order: the system's packages; headers under
# third_party/ (ignored by git; third_party/nlohmann/json.hpp, third_party/rapidjson/reader.h,
# third_party/CLI/CLI.hpp, third_party/toml++/toml.h, third_party/catch2/catch.hpp;
# tests/gpu/third_party.sh fills it); and, for a machine with a network and no packages, the headers of
# one pinned commit of the library's own repository, fetched into the build folder.
set(SHARDPIPE_THIRD_PARTY ${CMAKE_SOURCE_DIR}/third_party CACHE PATH "Headers of libraries")
option(SHARDPIPE_FETCH "Header-only libraries that are not installed are fetched from GitHub" ON)

# Fetches one COMMIT of REPOSITORY, without its history (git itself checks the contents against the
# id), and puts its folder INCLUDE into OUT; leaves OUT alone if that fails. FetchContent would clone
# the whole history, and could not go on without the library.
function(shardpipe_fetch out repository commit include)
  get_filename_component(name ${repository} NAME)
  set(folder ${CMAKE_BINARY_DIR}/_deps/${name}-${commit})
  if(NOT EXISTS ${folder}/${include} AND SHARDPIPE_FETCH)
    message(STATUS "${name} is not installed: fetching ${repository} at ${commit}")
    find_package(Git QUIET)
    set(result 1)
    if(GIT_FOUND)
      file(MAKE_DIRECTORY ${folder})
      foreach(step "init;-q" "fetch;-q;--depth;1;${repository};${commit}" "checkout;-q;${commit}")
        execute_process(COMMAND ${GIT_EXECUTABLE} ${step} WORKING_DIRECTORY ${folder}
          TIMEOUT 120 RESULT_VARIABLE result ERROR_VARIABLE said OUTPUT_QUIET)
        if(NOT result EQUAL 0)
          break()
        endif()
      endforeach()
    endif()
    if(NOT result EQUAL 0)
      file(REMOVE_RECURSE ${folder})
      message(STATUS "${name} could not be fetched: ${said}")
    endif()
  endif()
  if(EXISTS ${folder}/${include})
    set(${out} ${folder}/${include} PARENT_SCOPE)
  endif()
endfunction()

# shardpipe_header_library(TARGET PACKAGE HEADER REPOSITORY COMMIT INCLUDE)
# Defines the imported TARGET from one of the three places; leaves it undefined if none has it.
function(shardpipe_header_library target package header repository commit include)
  find_package(${package} QUIET)
  if(TARGET ${target})
    return()
  endif()
  find_path(${package}_HEADERS ${header} HINTS ${SHARDPIPE_THIRD_PARTY})
  set(headers ${${package}_HEADERS})
  if(NOT headers)
    shardpipe_fetch(headers ${repository} ${commit} ${include})
  endif()
  if(headers)
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} INTERFACE ${headers})
  endif()
endfunction()

shardpipe_header_library(nlohmann_json::nlohmann_json nlohmann_json nlohmann/json.hpp
  https://github.com/nlohmann/json 9cca280a4d0ccf0c08f47a99aa71d1b0e52f8d03 include)  # v3.11.3
shardpipe_header_library(RapidJSON::RapidJSON RapidJSON rapidjson/reader.h
  https://github.com/Tencent/rapidjson 24b5e7a8b27f42fa16b96fc70aade9106cf7102f include)  # 2024-12
shardpipe_header_library(CLI11::CLI11 CLI11 CLI/CLI.hpp
  https://github.com/CLIUtils/CLI11 6c7b07a878ad834957b98d0f9ce1dbe0cb204fc9 include)  # v2.4.2
shardpipe_header_library(tomlplusplus::tomlplusplus tomlplusplus toml++/toml.h
  https://github.com/marzer/tomlplusplus 30172438cee64926dc41fdd9c11fb3ba5b2ba9de include)  # v3.4.0
if(SHARDPIPE_TESTS)
  shardpipe_header_library(Catch2::Catch2 Catch2 catch2/catch.hpp
    https://github.com/catchorg/Catch2 182c910b4b63ff587a3440e08f84f70497e49a81
    single_include)  # v2.13.10
  if(NOT TARGET Catch2::Catch2)
    # The kit does without; without a network each configuration would wait for it again.
    set(SHARDPIPE_FETCH OFF CACHE BOOL "Switched off: Catch2 could not be fetched" FORCE)
  endif()
endif()

set(missing "")
if(NOT TARGET nlohmann_json::nlohmann_json)
  list(APPEND missing nlohmann-json3-dev)
endif()
if(NOT TARGET RapidJSON::RapidJSON)
  list(APPEND missing rapidjson-dev)
endif()
if(NOT TARGET CLI11::CLI11)
  list(APPEND missing libcli11-dev)
endif()
if(NOT TARGET tomlplusplus::tomlplusplus)
  list(APPEND missing libtomlplusplus-dev)
endif()
if(missing)
  list(JOIN missing " " missing)
  message(FATAL_ERROR "Missing: ${missing} (so named on Debian and Ubuntu). Install them, or put "
    "their headers into third_party/ (nlohmann/json.hpp, rapidjson/reader.h, CLI/CLI.hpp, toml++/toml.h).")
endif()

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
if(OPENBLAS_LIBRARY)
  file(REAL_PATH ${OPENBLAS_LIBRARY} openblas_file)
  if(openblas_file MATCHES "openmp")
    message(WARNING "${OPENBLAS_LIBRARY} is the OpenMP variant: every rank would start a team of "
      "threads. Install libopenblas-pthread-dev (so named on Debian and Ubuntu).")
  endif()
endif()
