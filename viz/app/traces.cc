#include "viz/app/traces.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/terminal.h"
#include "core/trace/binary.h"
#include "core/trace/chrome_json.h"
#include "core/trace/shown_trace.h"

namespace shardpipe::viz {

Trace load_trace(const std::vector<std::string>& files, const Options& options) {
  ReadTrace read = naming(files.front(),
                          [&] { return read_trace(files, {.keeps_whole = options.keeps_whole}); });
  for (const std::string& warning : read.warnings) say(warning);
  if (options.saved.empty()) make_printable(read.trace);
  return std::move(read.trace);
}

FollowedFile::FollowedFile(std::string file) : file_(std::move(file)) { check(); }

void FollowedFile::check() const {
  std::error_code unknown;
  const auto status = std::filesystem::status(file_, unknown);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    usage_error(text(file_, ": --follow needs a regular file (leave it out to read a pipe)"));
}

std::optional<Trace> FollowedFile::newer() {
  check();
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
