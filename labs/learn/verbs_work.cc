// start, next, status, check, predict: working on exercises.
#include <cstdio>
#include <iostream>
#include <optional>

#include "core/base/data_root.h"
#include "core/base/flags.h"
#include "core/base/input_file.h"
#include "core/base/printable.h"
#include "core/base/terminal.h"
#include "labs/learn/answer.h"
#include "labs/learn/chosen.h"
#include "labs/learn/confirm.h"
#include "labs/learn/place.h"
#include "labs/learn/predictions.h"
#include "labs/learn/progress.h"
#include "labs/learn/verbs.h"

namespace shardpipe {
namespace {

const ExerciseFile* first_unsolved(const std::vector<ExerciseFile>& all, const Progress& progress) {
  for (const ExerciseFile& e : all)
    if (progress.of(e.id).best < 100) return &e;
  return nullptr;
}

const char* state_of(const ExerciseProgress& p) {
  if (p.best == 100) return "solved";
  return p.started ? "begun" : "";
}

// Makes mine/<id>.cc unless it is there, and says what to do with it.
int start(const ExerciseFile& exercise) {
  const std::string file = exercise.answer_file();
  const bool is_new = !is_there(file);
  if (is_new) write_file(file, read_file(exercise.stub_file()));
  note_start(exercise.id);
  print("day %d    %s   (%s, about %d minutes)\n", exercise.day, exercise.title.c_str(),
        name_of(exercise.kind), exercise.minutes);
  print("file     %s%s\n", shown(file).c_str(),
        is_new ? "" : "   (yours from before; ./lab reset starts anew)");
  print("         the task stands at its top; check grades this file and no other\n");
  print("chapter  %s\n", exercise.chapter.c_str());
  std::cout.flush();
  if (exercise.kind != ExerciseKind::predict) prepare(exercise);
  print("next     %s\n", exercise.kind == ExerciseKind::predict
                             ? "./lab predict asks, ./lab check compares"
                             : "edit it, then ./lab check, or ./lab watch beside the editor");
  return 0;
}

// Of a device that confirms; none where it has nothing to confirm.
std::optional<CheckResult> confirm(const CheckResult& graded, const std::vector<int>& sizes,
                                   const std::string& device) {
  if (sizes.empty()) return std::nullopt;
  return confirm_answer(graded, sizes, device);
}

int worst_of(const CheckResult& graded, const std::optional<CheckResult>& confirmed) {
  return static_cast<int>(graded.passed() && confirmed ? confirmed->exit : graded.exit);
}

int check_all(const std::vector<ExerciseFile>& all, const CheckOptions& options,
              const std::string& device) {
  int code = 0, graded = 0;
  for (const ExerciseFile& e : all) {
    if (!is_there(e.answer_file())) continue;
    const CheckResult result = check_answer(e, options);
    note_check(result, read_file(e.answer_file()));
    std::cout << verdict_line(result) << std::endl;
    const auto confirmed =
        confirm(result, device.empty() ? std::vector<int>() : sizes_of(e), device);
    if (confirmed) std::cout << verdict_line(*confirmed) << std::endl;
    if (code == 0) code = worst_of(result, confirmed);
    ++graded;
  }
  if (graded == 0) usage_error("there is nothing in mine/ yet: ./lab start");
  return code;
}

}  // namespace

int verb_start(const Arguments& arguments) {
  std::string id;
  Flags flags("lab start", "Copies an exercise to mine/, where it is yours.");
  flags.add("exercise", id, "its id (./lab status lists them); none: the first one unsolved");
  if (!flags.parse(arguments)) return 0;
  const std::vector<ExerciseFile> all = all_exercises();
  if (!id.empty()) return start(find_exercise(all, id));
  return verb_next({});
}

int verb_next(const Arguments& arguments) {
  Flags flags("lab next", "Starts the first exercise that is not solved.");
  if (!flags.parse(arguments)) return 0;
  const std::vector<ExerciseFile> all = all_exercises();
  const ExerciseFile* exercise = first_unsolved(all, read_progress());
  if (exercise != nullptr) return start(*exercise);
  std::cout << "All " << all.size()
            << " exercises are solved. ./lab check --all grades them again.\n";
  return 0;
}

int verb_status(const Arguments& arguments) {
  Flags flags("lab status", "Every exercise and how far you are.");
  if (!flags.parse(arguments)) return 0;
  const std::vector<ExerciseFile> all = all_exercises();
  const Progress progress = read_progress();
  int day = 0, solved = 0;
  for (const ExerciseFile& e : all) {
    const ExerciseProgress p = progress.of(e.id);
    if (e.day != day) print("%sday %d\n", day == 0 ? "" : "\n", e.day);
    day = e.day;
    print("  %-25s %-9s %-36s %-7s %3s%s\n", e.id.c_str(), name_of(e.kind), e.title.c_str(),
          state_of(p), p.started ? text(p.best).c_str() : "",
          p.revealed   ? text("  (revealed)").c_str()
          : p.hint > 0 ? text("  (hint ", p.hint, ")").c_str()
                       : "");
    solved += p.best == 100 ? 1 : 0;
  }
  print("\n%d of %zu solved", solved, all.size());
  if (progress.unread_lines > 0)
    print("; %d lines of .lab/progress.jsonl cannot be read and are left out",
          progress.unread_lines);
  const ExerciseFile* next = first_unsolved(all, progress);
  print("\nnext: %s\n", next == nullptr                 ? "./lab check --all"
                        : progress.of(next->id).started ? text("./lab check ", next->id).c_str()
                                                        : text("./lab start ", next->id).c_str());
  return 0;
}

int verb_check(const Arguments& arguments) {
  std::string id, device;
  bool everything = false, json = false, verbose = false;
  CheckOptions options;
  Flags flags("lab check", "Compiles and grades your file mine/<id>.cc.");
  flags.add("exercise", id, "none: the one you worked on last");
  flags.add("--file", options.file, "grade this file instead; status does not count it")
      .existing_file();
  flags.add_switch("--all", everything, "everything in mine/, a line each");
  flags.add("--seed", options.seed, "of the data (default: another one each time)");
  flags.add("--device", device, "confirm what is right on a backend other than cpu, too")
      .one_of({"cpu", "mpi", "cuda"});
  flags.add_switch("--verbose", verbose, "how long each part took");
  flags.add_switch("--json", json, "one JSON document on stdout, for editors");
  if (!flags.parse(arguments)) return 0;
  const std::vector<ExerciseFile> all = all_exercises();
  if (device == "cpu") device.clear();  // that is where all are graded
  if (everything) return check_all(all, options, device);
  const ExerciseFile exercise = chosen_exercise(all, id);
  const std::vector<int> sizes = device.empty() ? std::vector<int>() : sizes_of(exercise);
  if (!device.empty() && sizes.empty())
    usage_error(text(exercise.id, " runs on no device: there is nothing to confirm on ", device));
  const CheckResult result = check_answer(exercise, options);
  if (options.file.empty()) note_check(result, read_file(exercise.answer_file()));
  if (!json) {
    print_check(exercise, result, verbose);
    std::cout << verdict_line(result) << std::endl;
  }
  const std::optional<CheckResult> confirmed = confirm(result, sizes, device);
  if (json) std::cout << to_json(result, confirmed) << "\n";
  if (!json && confirmed) {
    print_confirmed(*confirmed);
    std::cout << verdict_line(*confirmed) << "\n";
  }
  return worst_of(result, confirmed);
}

int verb_predict(const Arguments& arguments) {
  std::string id;
  Flags flags("lab predict", "Asks for the numbers of a predict exercise.");
  flags.add("exercise", id, "none: the one you worked on last");
  if (!flags.parse(arguments)) return 0;
  const ExerciseFile exercise = chosen_exercise(all_exercises(), id);
  if (exercise.kind != ExerciseKind::predict)
    usage_error(text(exercise.id, " is written, not predicted: ./lab check ", exercise.id));
  if (!is_there(exercise.answer_file())) start(exercise);
  ask_predictions(exercise);
  return verb_check({exercise.id});
}

std::string where_the_learner_is() {
  const std::vector<ExerciseFile> all = all_exercises();
  const Progress progress = read_progress();
  if (progress.current.empty()) return "next: ./lab demo, then ./lab start";
  int solved = 0;
  for (const ExerciseFile& e : all) solved += progress.of(e.id).best == 100 ? 1 : 0;
  const ExerciseFile* next = first_unsolved(all, progress);
  const std::string words = text("exercises: ", solved, " of ", all.size(), " solved");
  if (next == nullptr) return words + "; ./lab check --all grades them again";
  const ExerciseProgress now = progress.of(next->id);
  if (!now.started) return words + text("\nnext: ./lab start ", next->id);
  return words + text("; at work on ", next->id,
                      now.code.empty() ? "" : " (" + printable(now.code) + ")", "\nnext: edit ",
                      shown(next->answer_file()), ", then ./lab check ", next->id);
}

}  // namespace shardpipe
