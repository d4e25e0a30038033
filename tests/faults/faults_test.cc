// Every wrong program of the list on cpu and modelled, each in a process of its own, and the page
// that shows the list. LAB_UPDATE_TABLES=1 ./build/test_faults rewrites docs/wrong_programs.md.
#include "tests/faults/wrong_programs.h"
#include "tests/support/computed_page.h"
#include "tests/support/in_child.h"

namespace shardpipe {
namespace {

void check_endings(Machine machine) {
  for (const WrongProgram& wrong : wrong_programs()) {
    const auto& want = wrong.on(machine);
    if (!want) continue;
    const Ended ended = in_child([&] { end_by(wrong, machine); });
    INFO(name_of(machine) << ", " << wrong.name << ": exit code " << ended.code << ", said\n"
                          << ended.words);
    CHECK(ended.code == want->code);
    for (const std::string& words : want->words) {
      INFO("not said: " << words);
      CHECK(ended.words.find(words) != std::string::npos);
    }
    CHECK(ended.words.find("lab: ") == 0);
    CHECK(ended.words.find('\n') == ended.words.size() - 1);  // one sentence
  }
}

std::string cell(const std::optional<Ending>& ending) {
  if (!ending) return "-";
  std::string words;
  for (const std::string& part : ending->words) words += (words.empty() ? "" : " ... ") + part;
  return text(ending->code, ": ", words);
}

std::string table(const std::string&) {
  std::string rows = "| fault | cpu | mpi | modelled |\n|---|---|---|---|\n";
  for (const WrongProgram& wrong : wrong_programs()) {
    rows += text("| ", wrong.what);
    for (const Machine machine : kMachines) rows += text(" | ", cell(wrong.on(machine)));
    rows += " |\n";
  }
  return rows;
}

}  // namespace

TEST_CASE("wrong programs on cpu: each ends by itself, with one sentence") {
  check_endings(Machine::cpu);
}

TEST_CASE("wrong programs on modelled: each ends by itself, with one sentence") {
  check_endings(Machine::modelled);
}

TEST_CASE("the list has each kind of fault on each machine") {
  for (const char* name : {"throws", "exits", "sleeps", "collective", "size", "dtype", "order",
                           "group", "message-size", "message-dtype", "algorithm", "shared-memory"})
    for (const Machine machine : kMachines) {
      INFO(name << " on " << name_of(machine));
      REQUIRE(find_wrong_program(name) != nullptr);
      CHECK(find_wrong_program(name)->on(machine).has_value());
    }
}

TEST_CASE("docs/wrong_programs.md shows the list") { check_page("wrong_programs.md", 1, table); }

}  // namespace shardpipe
