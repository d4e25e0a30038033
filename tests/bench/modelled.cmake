add_executable(bench_modelled ${CMAKE_CURRENT_LIST_DIR}/bench_modelled.cc)
target_link_libraries(bench_modelled PRIVATE shardpipe)
