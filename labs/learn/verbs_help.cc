// hint, why, reset, reveal: when an exercise does not go on.
#include <chrono>
#include <ctime>
#include <filesystem>
#include <iostream>

#include "core/base/data_root.h"
#include "core/base/flags.h"
#include "core/base/input_file.h"
#include "labs/grade/regions.h"
#include "labs/learn/chosen.h"
#include "labs/learn/page.h"
#include "labs/learn/place.h"
#include "labs/learn/progress.h"
#include "labs/learn/verbs.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

constexpr int kLevels = 4;

// Level 1 at once, each further one after another try.
int open_level(const ExerciseProgress& p) { return std::min(kLevels, p.attempts + 1); }

// "pages: RS-OVERWRITE, RS-STEP-SHORT": those that begin with the same word, or where all are.
std::string pages_like(const std::string& code) {
  std::vector<std::string> codes;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(data_root() + "/docs/why", none))
    if (const std::string page = entry.path().stem().string();
        page.rfind(code.substr(0, code.find('-')) + "-", 0) == 0)
      codes.push_back(page);
  if (codes.empty()) return "all pages: docs/why";
  std::sort(codes.begin(), codes.end());
  std::string list = "pages: ";
  for (const std::string& page : codes) list += (page == codes[0] ? "" : ", ") + page;
  return list;
}

}  // namespace

ExerciseFile chosen_exercise(const std::vector<ExerciseFile>& all, const std::string& name) {
  if (!name.empty()) return find_exercise(all, name);
  const std::string current = read_progress().current;
  if (current.empty()) usage_error("no exercise is begun yet: ./lab start");
  return find_exercise(all, current);
}

int verb_hint(const Arguments& arguments) {
  std::string id;
  int level = 0;
  Flags flags("lab hint", "The next hint. Hints cost no points; status shows how many were read.");
  flags.add("exercise", id, "none: the one you worked on last");
  flags.add("--level", level, "1 concept, 2 where to look, 3 an example, 4 the steps")
      .between(1, kLevels);
  if (!flags.parse(arguments)) return 0;
  const ExerciseFile exercise = chosen_exercise(all_exercises(), id);
  const ExerciseProgress progress = read_progress().of(exercise.id);
  const int open = open_level(progress);
  const int wanted = level != 0 ? level : std::min(progress.hint + 1, open);
  if (wanted > open)
    usage_error(text("hint ", wanted, " of ", exercise.id, " opens after ", wanted - 1,
                     " different tries, and there were ", progress.attempts));
  std::cout << "hint " << wanted << " of " << kLevels << "\n"
            << wrapped(exercise.hints[static_cast<std::size_t>(wanted) - 1]) << "\n";
  if (wanted == 1) std::cout << "chapter: " << exercise.chapter << "\n";
  if (has_page(progress.code)) std::cout << "your last try: ./lab why " << progress.code << "\n";
  std::cout << (wanted < open      ? "more: ./lab hint again\n"
                : wanted < kLevels ? text("hint ", wanted + 1, " opens after another try\n")
                                   : text("after that: ./lab reveal ", exercise.id, "\n"));
  note_hint(exercise.id, wanted);
  return 0;
}

int verb_why(const Arguments& arguments) {
  std::string code;
  Flags flags("lab why",
              "The page of one mistake: an example with small numbers, and what to change.");
  flags.add("code", code, "as check prints it; none: that of your last check");
  if (!flags.parse(arguments)) return 0;
  if (code.empty()) {
    const Progress progress = read_progress();
    code = progress.of(progress.current).code;
    if (code.empty()) usage_error("nothing was checked yet: ./lab why CODE, as check prints it");
  }
  if (!has_page(code))
    usage_error(text("there is no page about '", code, "' (", pages_like(code), ")"));
  std::cout << wrapped(read_file(why_file(code)));
  return 0;
}

int verb_reset(const Arguments& arguments) {
  std::string id;
  Flags flags("lab reset", "Puts the untouched file back; yours goes to .lab/backup/.");
  flags.add("exercise", id, "its id").required();
  if (!flags.parse(arguments)) return 0;
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  const std::string file = exercise.answer_file();
  if (is_there(file)) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::string backup =
        text(state_folder(), "/backup/", exercise.id, "-",
             std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
             fs::path(file).extension().string());
    write_file(backup, read_file(file));
    std::cout << "yours    " << shown(backup) << "\n";
  }
  write_file(file, read_file(exercise.stub_file()));
  std::cout << "file     " << shown(file) << " is as at the start\n";
  return 0;
}

int verb_reveal(const Arguments& arguments) {
  std::string id;
  int region = 0;
  bool sure = false;
  Flags flags("lab reveal", "Our solution and why it is so. Status notes it.");
  flags.add("exercise", id, "its id").required();
  flags.add("--region", region, "this region only").between(1, kLevels);
  flags.add_switch("--yes", sure, "also before you have solved it");
  if (!flags.parse(arguments)) return 0;
  const ExerciseFile exercise = find_exercise(all_exercises(), id);
  if (read_progress().of(exercise.id).best < 100 && !sure)
    usage_error(text(exercise.id,
                     " is not solved yet; if you want to see it all the same: ./lab reveal ",
                     exercise.id, " --yes"));
  note_reveal(exercise.id);
  const std::string explanation = wrapped(read_file(exercise.folder + "/explain.md"));
  if (exercise.kind == ExerciseKind::predict) {
    std::cout << explanation;
    return 0;
  }
  const std::string source = read_file(exercise.solution_file());
  const std::vector<Region> regions = regions_of(source, exercise.solution_file());
  if (region > static_cast<int>(regions.size()))
    usage_error(text(exercise.id, " has ", regions.size(), " regions"));
  for (const Region& r : regions)
    if (region == 0 || region == r.number)
      std::cout << "// region " << r.number << ": " << r.promise << "\n"
                << source.substr(r.begin, r.end - r.begin) << "\n";
  std::cout << explanation;
  return 0;
}

}  // namespace shardpipe
