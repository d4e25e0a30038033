add_executable(bench_trace bench_trace.cc)
target_link_libraries(bench_trace PRIVATE shardpipe)
