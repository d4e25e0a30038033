#include "viz/app/options.h"

#include <filesystem>

#include "core/base/error.h"
#include "core/base/flags.h"
#include "core/base/one_file.h"
#include "core/base/printable.h"
#include "core/schedule/builders.h"
#include "viz/model/answered_schedule.h"
#include "viz/model/challenges.h"

namespace shardpipe::viz {

std::string name_of_file(const std::string& file) {
  return printable(std::filesystem::path(file).stem().string());
}

std::string Options::title() const {
  if (plays) return "schedule playground";
  return name_of_file(files[0]) + (against.empty() ? "" : " and " + name_of_file(against));
}

Options parse_options(const std::vector<std::string>& words) {
  Options options;
  Flags flags("lab view", "A trace as a timeline: what each rank does, and why it waits.");
  flags.add("FILE", options.files,
            "trace (./lab run ... --trace FILE), or the files of the ranks of one run");
  flags.add_switch("--keep-whole", options.keeps_whole,
                   "show what is whole of a file that breaks off");
  flags.add_switch("--follow", options.follows,
                   "keep up with a file that a run writes (./lab run ... --trace FILE --live)");
  flags.add("--save", options.saved,
            "write the trace instead: .sptrace (binary, quick to open) or .json");
  flags.add("--screenshot", options.picture,
            "write a picture (.png or .svg) instead; needs no display");
  flags.add("--against", options.against, "a second trace on the same axis, and what differs");
  flags.add_switch("--playground", options.plays,
                   "a pipeline schedule with knobs, instead of a file");
  flags.add("--schedule", options.playground.schedule, "of the playground (1f1b)")
      .one_of(schedule_names(), "mine:EXERCISE", is_answer);
  flags.add("--stages", options.playground.stages, "of the playground (4)").between(1, 32);
  flags.add("--microbatches", options.playground.microbatches, "of the playground (8)")
      .between(1, 128);
  flags.add("--chunks", options.playground.chunks, "of the playground (1)").between(1, 8);
  flags.add("--model", options.playground.model, "of the playground: 1B, 8B or 70B (none)");
  flags.add("--tp", options.playground.tp, "of the playground's model (1)")
      .one_of({"1", "2", "4", "8"});
  flags.add("--challenge", options.challenge, "of the playground: the one to begin with")
      .between(1, static_cast<int>(challenges().size()));
  flags.add("--width", options.width, "of the picture, pixels (1600)").between(320, 16384);
  flags.add("--height", options.height, "of the picture, pixels (as high as the timeline)")
      .between(120, 16384);
  flags.add("--scale", options.scale, "size of letters and lines (1)").between(0.5, 4.0);
  flags.add("--from", options.from_ms, "first moment shown, ms (0)");
  flags.add("--to", options.to_ms, "last moment shown, ms (the end)");
  flags.add("--select", options.select, "RANK@MS: what rank RANK does then, or why it is idle");
  flags.add_switch("--critical-path", options.shows_critical_path, "underline the critical path");
  flags.add_switch("--what-if", options.shows_what_if, "the wall without each kind of operation");
  flags.add_switch("--prediction", options.shows_prediction,
                   "what a hardware profile predicts, beside what was measured");
  flags.add("--hardware", options.hardware, "profile to predict with (that of a modelled trace)");
  flags.add_switch("--ideal", options.shows_ideal,
                   "the run's own schedule, undisturbed, as ghosts");
  flags
      .add("--frames", options.frames,
           "paint this many frames in a window, then close it (--screenshot: what OpenGL painted)")
      .between(1, 1000000);
  flags.add_switch("--light", options.is_light, "dark on white");
  flags.example(
      "Example: ./lab view step.json --screenshot step.png --from 3 --to 8 --select 0@4.2");
  if (!flags.parse(words, &options.help)) return options;
  if (options.files.empty() != options.plays)
    usage_error(options.plays ? "lab view --playground takes no file (see ./lab view --help)"
                              : "lab view: name a trace file (see ./lab view --help)");
  if (options.follows && (options.files.size() != 1 || !options.against.empty()))
    usage_error("--follow goes with one trace file, and without --against");
  if (options.follows && !options.picture.empty() && options.frames == 0)
    usage_error("--follow is of a window: leave out --screenshot");
  if (options.plays && !options.hardware.empty()) options.playground.hardware = options.hardware;
  if (options.to_ms >= 0 && options.to_ms <= options.from_ms)
    usage_error(text("--to ", options.to_ms, " must be after --from ", options.from_ms));
  if (!options.saved.empty() && !options.saved.ends_with(".sptrace") &&
      !options.saved.ends_with(".json"))
    usage_error(text("--save ", options.saved, ": the name must end in .sptrace or .json"));
  if (!options.saved.empty() && (options.plays || !options.picture.empty()))
    usage_error("--save goes with a trace file, and without --screenshot");
  const auto ends_with = [&](const char* end) { return options.picture.ends_with(end); };
  if (!options.picture.empty() && !ends_with(".png") && !ends_with(".svg"))
    usage_error(text("--screenshot ", options.picture, ": the name must end in .png or .svg"));
  std::vector<NamedFile> read = {{"--against", options.against}, {"--hardware", options.hardware}};
  for (const std::string& file : options.files) read.push_back({"", file});
  refuse_one_file({{"--screenshot", options.picture}, {"--save", options.saved}}, read);
  return options;
}

}  // namespace shardpipe::viz
