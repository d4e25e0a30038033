# The cuda backend compiled for host memory (host_gpu.h): the .cu files are plain C++ here, launch.cuh is
# the one of on_host. Only CUDA's headers are needed, from CUDAToolkit_INCLUDE_DIRS.
#   cuda_backend_on_host   objects: all but the doors of the plugin and the green contexts
set(host_backend "")
foreach(file board.cc device.cc kernels_elementwise.cu kernels_gemm.cc kernels_model.cu kernels_moving.cu
    kernels_norm.cu nccl_absent.cc peer_exchange.cc peer_transport.cc pool.cc reduce.cu run.cc stream.cc
    timeline.cc virtual_gpu.cc)
  list(APPEND host_backend ${CMAKE_SOURCE_DIR}/core/backends/cuda/${file})
endforeach()
set_source_files_properties(${host_backend} PROPERTIES LANGUAGE CXX)

# Sources that see the backend as it is compiled here.
function(shardpipe_on_host_gpu target)
  target_include_directories(${target} BEFORE PRIVATE ${CMAKE_SOURCE_DIR}/tests/backends/cuda/on_host)
  target_include_directories(${target} SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
  target_compile_options(${target} PRIVATE -Wno-unknown-pragmas)  # nv_exec_check_disable
  target_link_libraries(${target} PRIVATE shardpipe_flags)
endfunction()

add_library(cuda_backend_on_host OBJECT EXCLUDE_FROM_ALL ${host_backend}
  ${CMAKE_SOURCE_DIR}/tests/backends/cuda/host_gpu.cc
  ${CMAKE_SOURCE_DIR}/tests/backends/cuda/host_gemm.cc)
shardpipe_on_host_gpu(cuda_backend_on_host)
shardpipe_precompiled(cuda_backend_on_host)
