#include "core/trace/read.h"

#include <memory>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/trace/binary.h"
#include "core/trace/chrome_events.h"
#include "core/trace/chrome_foreign.h"
#include "core/trace/chrome_kit.h"
#include "core/trace/join_ranks.h"
#include "core/trace/limits.h"
#include "core/trace/metadata.h"

namespace shardpipe {
namespace {

constexpr InputUse kTraceFile = {
    .what = "a trace file", .most_bytes = 1024 * kGiB, .may_be_pipe = true};

// Of this kit once its metadata is found, which stand before the events.
class ChromeReader : public ChromeSink {
 public:
  explicit ChromeReader(const std::string& file) : file_(file), foreign(file) {}

  void header(const std::string& key, const Json& value) override {
    if (key != "metadata")
      foreign.header(key, value);
    else if (is_metadata(value) && !has_events_)
      kit.emplace(file_, value);
  }

  void event(const ChromeEvent& event) override {
    has_events_ = true;
    if (kit)
      kit->event(event);
    else
      foreign.event(event);
  }

 private:
  const std::string file_;
  bool has_events_ = false;

 public:
  std::optional<KitReader> kit;
  ForeignReader foreign;
};

void warn_of(const ForeignTrace& read, std::vector<std::string>& warnings) {
  if (read.left_out > 0)
    warnings.push_back(
        text(read.file, ": ", read.left_out, " counters, instants and arrows are not shown"));
  if (read.unclosed > 0)
    warnings.push_back(
        text(read.file, ": ", read.unclosed, " slices lack their begin or end and are not shown"));
}

// One file: whole if it is of this kit, else for join_ranks.
std::optional<Trace> read_chrome(InputFile& in, const ReadOptions& options,
                                 std::vector<ForeignTrace>& ranks,
                                 std::vector<std::string>& warnings) {
  const std::string& file = in.name();
  FileBytes bytes(in);
  ChromeReader reader(file);
  const ChromeEnd end = read_chrome_events(bytes, reader);
  if (!end.is_whole && !options.keeps_whole)
    usage_error(
        text(file, ": ", end.broken, end.has_events ? " (--keep-whole shows what is whole)" : ""));
  if (!end.has_events) usage_error(text(file, ": no \"traceEvents\""));
  if (!end.is_whole)
    warnings.push_back(text(file, ": ", end.broken, "; what stands before is shown"));
  if (reader.kit) return reader.kit->finish();
  ranks.push_back(reader.foreign.finish());
  if (ranks.back().trace.spans.empty()) usage_error(text(file, ": no event with a length in it"));
  warn_of(ranks.back(), warnings);
  return {};
}

}  // namespace

ReadTrace read_trace(const std::vector<std::string>& files, const ReadOptions& options) {
  ReadTrace read;
  std::vector<ForeignTrace> ranks;
  for (const std::string& file : files) {
    InputFile in(file, kTraceFile);
    std::optional<Trace> whole =
        is_binary(in) ? read_binary(in) : read_chrome(in, options, ranks, read.warnings);
    if (!whole) continue;
    refuse_what_cannot_be_added(*whole, file);
    if (files.size() > 1)
      usage_error(text(file, ": holds all ranks of a run; it cannot be joined with other files"));
    read.trace = std::move(*whole);
    return read;
  }
  read.trace = join_ranks(std::move(ranks), read.warnings);
  refuse_what_cannot_be_added(read.trace, files.front());
  return read;
}

}  // namespace shardpipe
