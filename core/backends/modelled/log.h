// RankLog: everything one rank's program did, in program order. Written while the program runs
// alone, read when the run is timed and checked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/device/op_info.h"

namespace shardpipe::modelled {

struct LogEntry {
  enum What : std::uint8_t {
    run_op,        // item: index into ops
    record_event,  // item: number of the event
    wait_event,    // item: number of the event
    synchronize,
    begin_window,
    end_window,
  };
  What what = run_op;
  std::uint16_t stream = 0;  // number on its rank; unused by the ends of the window
  std::uint32_t item = 0;
};

struct RankLog {
  std::vector<LogEntry> entries = {};
  std::vector<OpInfo> ops = {};
  std::vector<std::uint32_t> event_waits = {};  // by event: how often it is waited for
  std::vector<std::string> streams = {};        // names, by number
  std::vector<const Group*> groups = {};        // this rank is a member of
};

}  // namespace shardpipe::modelled
