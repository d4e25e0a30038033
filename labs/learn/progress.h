// What a learner has done: .lab/progress.jsonl, one line an event, only ever added to. It is a
// diary and no proof: check --all computes every result anew. A line that cannot be read is left
// where it is and counts as none.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "labs/learn/check.h"

namespace shardpipe {

struct ExerciseProgress {
  bool started = false, revealed = false;
  int best = 0;           // score
  std::string code = {};  // of the last check
  int hint = 0;           // highest level seen
  int attempts = 0;       // different files that were checked
};

struct Progress {
  std::map<std::string, ExerciseProgress> exercises = {};  // by id
  std::string current = {};                                // started, checked or asked about last
  int unread_lines = 0;

  ExerciseProgress of(const std::string& id) const;
};

Progress read_progress();

void note_start(const std::string& id);
void note_check(const CheckResult& result, const std::string& answer);  // the file's content
void note_hint(const std::string& id, int level);
void note_reveal(const std::string& id);

}  // namespace shardpipe
