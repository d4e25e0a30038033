# MPI, for the mpi backend and for measuring against it. Sets SHARDPIPE_HAS_MPI.
# SHARDPIPE_MPI: AUTO takes what it finds, ON makes a missing MPI an error, OFF does not look.
set(SHARDPIPE_HAS_MPI OFF)
if(NOT SHARDPIPE_MPI MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "SHARDPIPE_MPI is ${SHARDPIPE_MPI}; allowed: AUTO, ON, OFF")
endif()
if(SHARDPIPE_MPI STREQUAL "OFF")
  return()
endif()
set(MPI_CXX_SKIP_MPICXX ON)  # the C++ bindings that MPI-3 dropped
find_package(MPI 3.1 QUIET COMPONENTS CXX)
if(MPI_CXX_FOUND)
  set(SHARDPIPE_HAS_MPI ON)
elseif(SHARDPIPE_MPI STREQUAL "ON")
  message(FATAL_ERROR "SHARDPIPE_MPI=ON, but no MPI was found (Debian, Ubuntu: libopenmpi-dev "
    "openmpi-bin)")
else()
  message(STATUS "mpi backend: not built, no MPI found")
endif()
