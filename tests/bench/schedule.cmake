add_executable(bench_schedule ${CMAKE_CURRENT_LIST_DIR}/bench_schedule.cc)
target_link_libraries(bench_schedule PRIVATE shardpipe)
