#include "core/trace/shown_trace.h"

#include "core/base/printable.h"

namespace shardpipe {

void make_printable(Trace& trace) {
  const auto show = [](std::string& words) { words = printable(words); };
  show(trace.clock);
  show(trace.hardware);
  for (std::string& name : trace.names) show(name);
  for (std::string& shape : trace.shapes) show(shape);
  for (Group& group : trace.groups) show(group.axis);
  for (Lane& lane : trace.lanes) show(lane.name);
}

ReadTrace read_to_show(const std::vector<std::string>& files, const ReadOptions& options) {
  ReadTrace read = read_trace(files, options);
  make_printable(read.trace);
  return read;
}

}  // namespace shardpipe
