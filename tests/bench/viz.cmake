if(TARGET viz_picture)
  add_executable(bench_viz bench_viz.cc)
  target_link_libraries(bench_viz PRIVATE viz_picture)
endif()
