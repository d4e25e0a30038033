#include "core/launch/mpi_progress.h"

#include "core/base/error.h"
#include "core/launch/mpi_plugin.h"

namespace shardpipe {

const char* name_of(ProgressWay way) {
  switch (way) {
    case ProgressWay::blocking: return "blocking";
    case ProgressWay::idle: return "idle";
    case ProgressWay::tests: return "tests";
    case ProgressWay::thread: return "thread";
  }
  return "?";
}

const std::vector<ProgressWay>& progress_ways() {
  static const std::vector<ProgressWay> all = {ProgressWay::blocking, ProgressWay::idle,
                                               ProgressWay::tests, ProgressWay::thread};
  return all;
}

ProgressWay parse_progress_way(const std::string& name) {
  std::string names;
  for (const ProgressWay way : progress_ways()) {
    if (name == name_of(way)) return way;
    names += (names.empty() ? "" : ", ") + std::string(name_of(way));
  }
  usage_error(text("no technique '", name, "' (allowed: ", names, ")"));
}

std::unique_ptr<RawAllReduce> raw_all_reduce(ProgressWay way) {
  std::unique_ptr<RawAllReduce> made;
  reinterpret_cast<MpiProgress*>(find_in(kMpiPlugin, kMpiProgressSymbol))(way, made);
  return made;
}

}  // namespace shardpipe
