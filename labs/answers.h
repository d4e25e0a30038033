// The learner's answers, for labs that can run them (--technique mine). They are loaded only in a
// process of their own, which run_with_answers (labs/learn/mine.h) starts with their libraries.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace shardpipe {

// "mine", "mine:ID": the techniques of a command that name an answer, also inside the quoted flags
// of a comparison. None in the process that has the answers, and of verbs that run nothing.
std::set<std::string> answers_in(const std::vector<std::string>& words);

// The exercise that a technique names: "mine:day01_all_gather" -> "day01_all_gather"; "mine" -> the
// only one that fits the lab (or verb). "": it names none. Usage error: none fits, or several do.
std::string answer_of_technique(const std::string& technique, const std::string& lab);

// The entry of the answer's library. Error(fault) in a process that was not started for it.
using AnswerEntry = void (*)(void* answer);
AnswerEntry answer_entry(const std::string& exercise);

// The answer, as the struct of its exercise.
template <class Answer>
Answer load_answer(const std::string& exercise) {
  Answer answer;
  answer_entry(exercise)(&answer);
  return answer;
}

// Where the libraries are, as "<id>=<file>;<id>=<file>". A file may say which of its functions is
// the entry, "<file>:<symbol>": a library of known answers has one for each.
inline constexpr const char* kAnswersVariable = "SHARDPIPE_ANSWERS";

}  // namespace shardpipe
