// lab schedule NAME ..., lab schedule --check FILE.csv.
#include <iostream>

#include "core/base/error.h"
#include "core/base/flags.h"
#include "core/base/input_file.h"
#include "core/base/printable.h"
#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "core/schedule/text.h"
#include "labs/answers.h"
#include "labs/cli/schedule_costs.h"
#include "labs/cli/schedule_report.h"
#include "labs/cli/verbs.h"
#include "labs/day06_schedules/answered_schedule.h"

namespace shardpipe {
namespace {

constexpr InputUse kCsvFile = {.what = "a CSV file", .most_bytes = 200'000'000};

struct ScheduleFlags {
  std::string name, file, format = "table", costs = "1,1,1,0", stage_costs;
  int stages = 0, microbatches = 0, chunks = 0, group = 0;  // 0: not said
};

Schedule schedule_of(const ScheduleFlags& flags) {
  if (flags.name.empty() == flags.file.empty())
    usage_error("lab schedule: either a NAME or --check FILE.csv (names: ./lab schedule --help)");
  if (!flags.file.empty()) {
    if (flags.stages != 0 || flags.microbatches != 0 || flags.chunks != 0 || flags.group != 0)
      usage_error(
          "--check reads the order and its sizes from the file: --costs and --stage-costs"
          " are all that can be said");
    Schedule schedule = from_csv(InputFile(flags.file, kCsvFile).all(), flags.file);
    if (const std::string wrong = check_schedule(schedule); !wrong.empty())
      fail(ExitCode::wrong,
           text(printable(flags.file), ": ", wrong.substr(0, wrong.find_last_not_of('\n') + 1)));
    return schedule;
  }
  const std::string answer = answer_of_technique(flags.name, "schedule");
  if (!answer.empty() && (flags.chunks != 0 || flags.group != 0))
    usage_error("--chunks and --microbatch-group are of the kit's schedules; yours has its order");
  if (!answer.empty()) return answered_schedule(answer, flags.stages, flags.microbatches);
  const int default_v = default_chunks(flags.name);  // refuses an unknown name first
  return build_schedule(flags.name, flags.stages, flags.microbatches,
                        flags.chunks == 0 ? default_v : flags.chunks, flags.group);
}

std::string names_for_help() {
  std::string names;
  for (const std::string& name : schedule_names()) names += (names.empty() ? "" : ", ") + name;
  return names;
}

// False if help was asked for and given.
bool parse(const Arguments& arguments, ScheduleFlags& set) {
  Flags flags("lab schedule",
              "A pipeline schedule as data: who does what when, what is idle, what is held.");
  flags.add("NAME", set.name, names_for_help());
  const Flag stages = flags.add("--stages", set.stages, "pipeline ranks, P");
  const Flag batches = flags.add("--microbatches", set.microbatches, "micro-batches, M");
  const Flag chunks = flags.add(
      "--chunks", set.chunks, "stages a rank, V: for interleaved_1f1b and looped_bfs (default 2)");
  const Flag group =
      flags.add("--microbatch-group", set.group,
                "interleaved_1f1b: micro-batches that pass a chunk before the next one's turn, at "
                "least P (default: P, or the next that leaves no smaller rest)");
  flags.add("--costs", set.costs,
            "F,I,W,C: forward, input and weight gradient of one micro-batch on one rank, and a "
            "message between ranks (default 1,1,1,0)");
  const Flag stage_costs = flags.add(
      "--stage-costs", set.stage_costs,
      "for stages that differ, one word each: 1.5 is 1.5 times --costs, 1/1.2/0.9 its F/I/W");
  flags.add("--format", set.format, "table (default), csv, json, trace (Chrome) or svg")
      .one_of({"table", "csv", "json", "trace", "svg"});
  flags.add("--check", set.file,
            "a CSV of someone else's: one row a rank, cells 0F0 (torch's notation)");
  flags.example(
      "Examples: ./lab schedule 1f1b --stages 4 --microbatches 8\n"
      "          ./lab schedule zb_h1 --stages 4 --microbatches 8 --format svg > zb_h1.svg\n"
      "          ./lab schedule mine:day06_1f1b --stages 4 --microbatches 8   (your exercise)\n"
      "          ./lab schedule 1f1b --stages 4 --microbatches 8 --stage-costs 1,1,1,1.5\n"
      "          ./lab schedule --check mine.csv --costs 1,1,1,0.5\n"
      "What each schedule is: docs/schedules.md");
  if (!flags.parse(arguments)) return false;
  if (stage_costs.is_given() && set.stage_costs.empty())
    usage_error("--stage-costs is empty: one number for each stage, or F/I/W");
  if (set.file.empty() && !set.name.empty()) {
    if (answer_of_technique(set.name, "schedule").empty()) default_chunks(set.name);
    if (!stages.is_given() || !batches.is_given())
      usage_error("lab schedule NAME: --stages and --microbatches are needed");
    if (chunks.is_given() && set.chunks < 1)
      usage_error(text("--chunks ", set.chunks, " must be at least 1"));
    if (group.is_given() && set.group < 1)
      usage_error(text("--microbatch-group ", set.group, " must be at least 1"));
  }
  return true;
}

}  // namespace

int verb_schedule(const Arguments& arguments) {
  ScheduleFlags flags;
  if (!parse(arguments, flags)) return 0;
  TimedSchedule timed{.costs = parse_costs(flags.costs)};
  timed.schedule = schedule_of(flags);
  if (!flags.stage_costs.empty())
    timed.costs.stages = parse_stage_costs(flags.stage_costs, timed.costs, timed.schedule);
  timed.timing = simulate(timed.schedule, timed.costs);
  if (flags.format == "table") std::cout << schedule_table(timed, colour_wanted());
  if (flags.format == "csv") std::cout << to_csv(timed.schedule);
  if (flags.format == "json") write_schedule_json(timed, std::cout);
  if (flags.format == "trace") std::cout << schedule_trace(timed);
  if (flags.format == "svg") std::cout << draw_svg(timed.schedule, timed.timing, timed.costs);
  return 0;
}

}  // namespace shardpipe
