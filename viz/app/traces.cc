#include "viz/app/traces.h"

#include <utility>

#include "core/base/terminal.h"
#include "core/trace/binary.h"
#include "core/trace/chrome_json.h"
#include "core/trace/shown_trace.h"

namespace shardpipe::viz {

Trace load_trace(const std::vector<std::string>& files, const Options& options) {
  ReadTrace read = read_trace(files, {.keeps_whole = options.keeps_whole});
  for (const std::string& warning : read.warnings) say(warning);
  if (options.saved.empty()) make_printable(read.trace);
  return std::move(read.trace);
}

std::optional<Trace> FollowedFile::newer() {
  std::error_code absent;
  const auto written = std::filesystem::last_write_time(file_, absent);
  const std::uintmax_t bytes = absent ? 0 : std::filesystem::file_size(file_, absent);
  if (absent || (written == written_ && bytes == bytes_)) return {};
  written_ = written;
  bytes_ = bytes;
  return read_to_show({file_}, {.keeps_whole = true}).trace;
}

void save_trace(const Options& options) {
  OutputFile out(options.saved);
  out.open();
  const Trace trace = load_trace(options.files, options);
  if (options.saved.ends_with(".json"))
    write_chrome_json(trace, out);
  else
    write_binary(trace, out);
}

}  // namespace shardpipe::viz
