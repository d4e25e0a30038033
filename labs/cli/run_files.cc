#include "labs/cli/run_files.h"

#include <functional>
#include <iostream>

#include "core/base/terminal.h"
#include "core/launch/processes.h"
#include "core/trace/chrome_json.h"

namespace shardpipe {

void open_files(const std::vector<const LabCommand*>& commands, const std::string& picture) {
  std::vector<NamedFile> traces, written, loaded, read;
  for (const LabCommand* command : commands) {
    const LabOptions& o = command->options;
    if (o.trace) traces.push_back({"--trace", o.trace->name()});
    if (o.save) written.push_back({"--save", o.save->name()});
    for (const NamedFile& file : command->read)
      (file.flag == "--load" ? loaded : read).push_back(file);
  }
  traces.push_back({"--screenshot", picture});
  refuse_one_file(traces, loaded);  // training may go on in the file that it began with
  written.insert(written.end(), traces.begin(), traces.end());
  refuse_one_file(written, read);
  if (!started_processes().first()) return;
  for (const LabCommand* command : commands)
    for (const auto& file : {command->options.trace, command->options.save})
      if (file) file->open();
  if (!picture.empty()) OutputFile(picture).open();
}

ExitCode save_files(const LabResult& result) {
  ExitCode code = ExitCode::success;
  const auto attempt = [&](const std::function<void()>& save) {
    try {
      save();
    } catch (const Error& e) {
      say_error(e.what(), e.code());
      code = e.code();
    }
  };
  std::cout.flush();
  if (!started_processes().first()) return code;
  const LabOptions& o = result.options;
  if (o.trace) attempt([&] { write_chrome_json(result.report.trace, *o.trace); });
  if (o.save)
    attempt([&] {
      if (result.unsaved) throw *result.unsaved;
      o.save->commit();
    });
  return code;
}

}  // namespace shardpipe
