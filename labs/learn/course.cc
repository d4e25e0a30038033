#include "labs/learn/course.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "labs/grade/exercise_file.h"
#include "labs/lab.h"
#include "labs/learn/mistakes.h"
#include "labs/learn/quiz.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

std::string quiz_of(int day) { return text("day0", day); }

// What there is of a day.
struct Day {
  int number = 0;
  std::string subject = {}, readme = {};  // of its README, "../labs/day02_linear/README.md"
  std::vector<std::string> labs = {};
  std::vector<ExerciseFile> exercises = {};
  std::size_t questions = 0;

  int minutes() const {
    int sum = 0;
    for (const ExerciseFile& e : exercises) sum += e.minutes;
    return sum;
  }
};

// The first line of a README: "# Day 2: tensor-parallel linear layers and the MLP".
void read_subject(Day& day) {
  const std::string begin = quiz_of(day.number) + "_", heading = text("# Day ", day.number, ": ");
  for (const auto& entry : fs::directory_iterator(data_root() + "/labs")) {
    const std::string folder = entry.path().filename().string();
    if (folder.rfind(begin, 0) != 0 || !is_there((entry.path() / "README.md").string())) continue;
    const std::string page = read_file((entry.path() / "README.md").string());
    if (page.rfind(heading, 0) != 0)
      fail(ExitCode::fault, text("labs/", folder, "/README.md must begin with '", heading, "'"));
    day.subject = page.substr(heading.size(), page.find('\n') - heading.size());
    day.readme = "../labs/" + folder + "/README.md";
  }
}

std::vector<Day> all_days() {
  std::map<int, Day> days;
  for (const Lab& lab : all_labs()) days[lab.day].labs.push_back(lab.name);
  for (const ExerciseFile& e : all_exercises()) days[e.day].exercises.push_back(e);
  std::vector<Day> all;
  const std::vector<std::string> quizzes = quiz_days();
  for (auto& [number, day] : days) {
    day.number = number;
    read_subject(day);
    const std::string quiz = quiz_of(number);
    if (std::find(quizzes.begin(), quizzes.end(), quiz) != quizzes.end())
      day.questions = read_quiz(quiz).size();
    all.push_back(std::move(day));
  }
  return all;
}

std::string in_code(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "`" : " `") + name + "`";
  return all;
}

std::string days_table() {
  std::string out =
      "| day | subject | labs | exercises | minutes of these | quiz |\n|---|---|---|---|---|---|\n";
  std::size_t exercises = 0, questions = 0;
  int minutes = 0;
  for (const Day& day : all_days()) {
    const std::string subject =
        day.readme.empty() ? day.subject : text("[", day.subject, "](", day.readme, ")");
    const auto unless_none = [](auto count, const char* unit) {
      return count == 0 ? std::string() : text(count, unit);
    };
    out += text("| ", day.number, " | ", subject, " | ", in_code(day.labs), " | ",
                unless_none(day.exercises.size(), ""), " | ", unless_none(day.minutes(), ""), " | ",
                unless_none(day.questions, " questions"), " |\n");
    exercises += day.exercises.size();
    minutes += day.minutes();
    questions += day.questions;
  }
  return out + text("| all | | ", all_labs().size(), " labs | ", exercises, " | ", minutes, " | ",
                    questions, " questions |\n");
}

std::string graded(const Points& points) {
  std::string all;
  const auto add = [&](const char* name, int of) {
    if (of > 0) all += text(all.empty() ? "" : ", ", name, " ", of);
  };
  add("correctness", points.correctness);
  add("communication", points.communication);
  add("schedule", points.schedule);
  add("memory", points.memory);
  return all;
}

std::string exercises_tables() {
  std::string out;
  for (const Day& day : all_days()) {
    if (day.exercises.empty()) continue;
    out += text(
        out.empty() ? "" : "\n", "### Day ", day.number, "\n\n",
        "| exercise | what | kind | minutes | points | runs in |\n|---|---|---|---|---|---|\n");
    for (const ExerciseFile& e : day.exercises) {
      const std::string stub = e.stub_file().substr(data_root().size());
      out += text("| [", e.id, "](..", stub, ") | ", e.title, " | ", name_of(e.kind), " | ",
                  e.minutes, " | ", graded(e.points), " | ", in_code(e.labs), " |\n");
    }
  }
  return out;
}

// Of a heading, as GitHub makes it: "A block: 2 + 2" -> "a-block-2--2".
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_')
      anchor += static_cast<char>(std::tolower(byte));
    if (c == ' ') anchor += '-';
  }
  return anchor;
}

// "[Folklore](memory.md#folklore)".
std::string link_to(const std::string& place) {
  const std::size_t hash = place.find('#');
  const std::string file = data_root() + "/docs/" + place.substr(0, hash);
  std::istringstream lines(is_there(file) ? read_file(file) : "");
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("## ", 0) != 0 || anchor_of(line.substr(3)) != place.substr(hash + 1)) continue;
    return text("[", line.substr(3), "](", place, ")");
  }
  fail(ExitCode::fault, text("docs/mistakes.toml: there is no ", place));
}

std::string link_to(const QuizPlace& place) {
  const std::vector<QuizQuestion> questions = read_quiz(place.quiz);
  for (std::size_t i = 0; i < questions.size(); ++i)
    if (questions[i].ask.rfind(place.ask, 0) == 0)
      return text("[quiz ", place.quiz, "](quiz/", place.quiz, ".toml), question ", i + 1);
  fail(ExitCode::fault,
       text("docs/mistakes.toml: no question of ", place.quiz, " begins with '", place.ask, "'"));
}

std::string shown_by(const Mistake& mistake, const std::set<std::string>& ids) {
  std::string all;
  const auto add = [&](const std::string& one) { all += (all.empty() ? "" : " · ") + one; };
  for (const std::string& id : mistake.exercises)
    add(text("`", id, "`", ids.count(id) == 0 ? " (not written yet)" : ""));
  for (const QuizPlace& place : mistake.questions) add(link_to(place));
  for (const std::string& page : mistake.pages) add(link_to(page));
  return all.empty() ? "(nothing yet)" : all;
}

// A bar would end the cell.
std::string cell(const std::string& words) {
  std::string out;
  for (const char c : words) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string mistakes_table() {
  std::set<std::string> ids;
  for (const ExerciseFile& e : all_exercises()) ids.insert(e.id);
  std::string out = "| a text may say | what is true | shown by |\n|---|---|---|\n";
  for (const Mistake& mistake : all_mistakes())
    out += text("| ", cell(mistake.says), " | ", cell(mistake.is_true), " | ",
                shown_by(mistake, ids), " |\n");
  return out;
}

std::string table_of(const std::string& what) {
  if (what == "days") return days_table();
  if (what == "exercises") return exercises_tables();
  if (what == "mistakes") return mistakes_table();
  fail(ExitCode::fault, text("docs/course.md: nobody writes '", what, "'"));
}

}  // namespace

std::string course_file() { return data_root() + "/docs/course.md"; }

std::string made_course(const std::string& page) {
  const std::string begin = "<!-- course: ", end = "<!-- end -->\n", close = " -->\n";
  std::string out;
  std::size_t at = 0;
  for (std::size_t marker; (marker = page.find(begin, at)) != std::string::npos;) {
    const std::size_t name = marker + begin.size(), named = page.find(close, name);
    const std::size_t ended = page.find(end, name);
    if (named == std::string::npos || ended == std::string::npos || ended < named)
      fail(ExitCode::fault, "docs/course.md: a '<!-- course: ... -->' without its '<!-- end -->'");
    out += page.substr(at, named + close.size() - at) + "\n" +
           table_of(page.substr(name, named - name)) + "\n";
    at = ended;
  }
  return out + page.substr(at);
}

}  // namespace shardpipe
