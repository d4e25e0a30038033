// watch: checks at every save, beside an editor.
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "core/base/error.h"
#include "core/base/flags.h"
#include "core/base/input_file.h"
#include "core/base/terminal.h"
#include "labs/learn/chosen.h"
#include "labs/learn/place.h"
#include "labs/learn/progress.h"
#include "labs/learn/verbs.h"

namespace shardpipe {
namespace {

constexpr int kPollMs = 200;  // editors replace files in many ways: looking is what always works

// Keys come one at a time and are not shown, while it lives.
class SingleKeys {
 public:
  SingleKeys() : is_terminal_(isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios single = before_;
    single.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &single);
  }
  ~SingleKeys() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  SingleKeys(const SingleKeys&) = delete;
  SingleKeys& operator=(const SingleKeys&) = delete;

  bool is_terminal() const { return is_terminal_; }
  // 0: none came; waits for one at most kPollMs.
  char next() const {
    pollfd keys = {is_terminal_ ? STDIN_FILENO : -1, POLLIN, 0};
    char key = 0;
    if (poll(&keys, 1, kPollMs) > 0 && read(STDIN_FILENO, &key, 1) != 1) return 'q';  // it is gone
    return key;
  }

 private:
  termios before_ = {};
  bool is_terminal_;
};

std::string content_of(const std::string& file) {
  try {
    return read_file(file);
  } catch (const Error&) {
    return "";  // an editor is about to write it
  }
}

// What a verb says is shown; an error of it ends nothing.
void say(int (*verb)(const Arguments&), const Arguments& arguments) {
  try {
    verb(arguments);
  } catch (const Error& e) {
    std::cout << e.what() << "\n";
  }
  std::cout.flush();
}

}  // namespace

int verb_watch(const Arguments& arguments) {
  std::string id;
  int most = 0;
  Flags flags("lab watch", "Checks your file at every save. Keys: h hint, w why, n next, q quit.");
  flags.add("exercise", id, "none: the one you worked on last");
  flags.add("--checks", most, "ends after as many (0: never)").between(0, 1000000);
  if (!flags.parse(arguments)) return 0;
  const std::vector<ExerciseFile> all = all_exercises();
  ExerciseFile exercise = chosen_exercise(all, id);
  if (!is_there(exercise.answer_file())) verb_start({exercise.id});
  const SingleKeys keys;
  std::string checked;
  for (int checks = 0; most == 0 || checks < most;) {
    const std::string content = content_of(exercise.answer_file());
    if (!content.empty() && content != checked) {
      checked = content;
      ++checks;
      if (keys.is_terminal()) clear_terminal();
      say(verb_check, {exercise.id});
      std::cout << "watching " << shown(exercise.answer_file())
                << (keys.is_terminal() ? "   h hint · w why · n next · q quit\n" : "\n")
                << std::flush;
      continue;
    }
    const char key = keys.next();
    if (key == 'q') break;
    if (key == 'h') say(verb_hint, {exercise.id});
    if (key == 'w') say(verb_why, {});
    if (key == 'n') {
      say(verb_next, {});
      exercise = chosen_exercise(all, "");
      checked.clear();
    }
  }
  return 0;
}

}  // namespace shardpipe
