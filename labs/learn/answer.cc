#include "labs/learn/answer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <set>
#include <sstream>

#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/base/json.h"
#include "labs/grade/signatures.h"
#include "labs/learn/child.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

// The lock that ./lab takes while it builds.
class BuildLock {
 public:
  BuildLock()
      // no OutputFile: nothing is in it but the lock
      : descriptor_(open((build_folder() + "/.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666)) {
    if (descriptor_ >= 0) flock(descriptor_, LOCK_EX);
  }
  ~BuildLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  BuildLock(const BuildLock&) = delete;
  BuildLock& operator=(const BuildLock&) = delete;

 private:
  int descriptor_;
};

std::string program(const std::string& name) {
  return find_program(name, "answers are compiled with it");
}

ChildEnd build(const std::vector<std::string>& targets) {
  std::vector<std::string> words = {program("cmake"), "--build", build_folder(), "--target"};
  words.insert(words.end(), targets.begin(), targets.end());
  const BuildLock lock;
  return run_child(words, {.seconds = 600,
                           .cpu_seconds = 1200,
                           .memory_bytes = ~std::size_t{0},
                           .output_bytes = 1 << 20});
}

// The compiler's first error and the two lines below it, which show the place; else the last lines.
std::string first_error(const std::string& output, const std::string& file) {
  std::istringstream lines(output);
  std::string said, last;
  int wanted = 0;
  for (std::string line; std::getline(lines, line); last = line.empty() ? last : line) {
    const bool is_error = line.find(": error: ") != std::string::npos ||
                          line.find(": fatal error: ") != std::string::npos;
    if (said.empty() && is_error) wanted = 3;
    if (wanted-- <= 0) continue;
    const std::size_t at = line.find(file);
    if (at != std::string::npos) line.replace(0, at + file.size(), shown(file));
    if (line.rfind("../", 0) == 0) line.erase(0, 3);  // as seen from the build folder
    said += (said.empty() ? "" : "\n") + line;
  }
  return said.empty() ? last : said;
}

// What of it is not allowed: functions that the answer leaves to the core, or has taken a copy of,
// and what finds functions by their names.
std::vector<std::string> taken_from_core(const std::string& library,
                                         const std::vector<std::string>& not_allowed) {
  const ChildEnd symbols = run_child({program("nm"), "-C", library}, {.output_bytes = 1 << 22});
  std::set<std::string> forbidden(not_allowed.begin(), not_allowed.end());
  forbidden.insert({"dlsym", "dlopen"});
  std::set<std::string> taken;
  std::istringstream lines(symbols.output);
  for (std::string line; std::getline(lines, line);)
    if (const std::string function = function_in(line); forbidden.count(function) != 0)
      taken.insert(function);
  return {taken.begin(), taken.end()};
}

int compiles_in(const std::string& output) {
  int count = 0;
  const std::string step = "Building CXX object";
  for (std::size_t at = output.find(step); at != std::string::npos; at = output.find(step, at + 1))
    ++count;
  return count;
}

}  // namespace

std::string first_line_of(const std::string& error) { return error.substr(0, error.find('\n')); }

std::string function_in(const std::string& symbol) {
  const std::string table = "vtable for ";
  if (const std::size_t at = symbol.find(table); at != std::string::npos) {
    const std::string type = symbol.substr(at + table.size());
    return type + "::" + type.substr(type.rfind(':') + 1);
  }
  const std::size_t name = symbol.find_last_of(' ', symbol.find('(')) + 1;
  return symbol.substr(name, symbol.find_first_of("(@", name) - name);
}

std::string library_of(const std::string& target) {
  return build_folder() + "/grade/" + target + ".so";
}

Built build_targets(const std::vector<std::string>& targets) {
  const ChildEnd end = build(targets);
  return {end.exit_code == 0 && end.signal == 0, end.output};
}

CompiledAnswer compile_answer(const ExerciseFile& exercise, const std::string& file) {
  if (!is_there(file))
    usage_error(text("there is no ", shown(file), " yet: ./lab start ", exercise.id));
  CompiledAnswer answer;
  const bool is_mine = file == exercise.answer_file();
  const std::string mine = (is_mine ? "mine_" : "verify_") + exercise.id;
  const std::string known = "known_" + exercise.id;
  if (!is_mine)
    write_if_other(build_folder() + "/grade/" + mine + ".cc",
                   text("#line 1 ", Json(file).dump(), "\n", read_file(file)));
  answer.known = library_of(known);
  const ChildEnd built = build({known, mine});  // the first is there unless the kit has changed
  answer.seconds = built.seconds;
  answer.compiles = compiles_in(built.output);
  if (built.exit_code != 0 || built.signal != 0) {
    answer.error = first_error(built.output, file);
    return answer;
  }
  answer.library = library_of(mine);
  answer.taken = taken_from_core(answer.library, exercise.not_allowed);
  return answer;
}

void remember_signatures(const ExerciseFile& exercise) {
  const std::string known = library_of("known_" + exercise.id);
  const std::string grader = build_folder() + "/lab-grade";
  if (!read_signatures(signatures_file(known), signatures_key(known, grader)))
    run_child({grader, "signatures", exercise.id, known}, {.seconds = 60, .cpu_seconds = 120});
}

void prepare(const ExerciseFile& exercise) {
  const ChildEnd built = build({"lab-grade", "known_" + exercise.id});
  if (built.exit_code != 0)
    fail(ExitCode::fault, text("what grades ", exercise.id, " could not be built: ",
                               first_line_of(first_error(built.output, exercise.solution_file()))));
  remember_signatures(exercise);
}

}  // namespace shardpipe
