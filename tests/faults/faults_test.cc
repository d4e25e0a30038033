// Every wrong program of the list on cpu and modelled, each in a process of its own, and the page
// that shows the list. LAB_UPDATE_TABLES=1 ./build/test_faults rewrites docs/wrong_programs.md.
#include "core/cost/roofline.h"
#include "core/trace/gap.h"
#include "core/trace/stats.h"
#include "tests/faults/wrong_programs.h"
#include "tests/support/computed_page.h"
#include "tests/support/in_child.h"
#include "tests/support/lines.h"

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
    const std::string plain = without_lines(ended.words);
    for (const std::string& words : want->words) {
      INFO("not said: " << words);
      CHECK(plain.find(words) != std::string::npos);
    }
    if (want->code != static_cast<int>(ExitCode::usage)) CHECK(plain != ended.words);
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

TEST_CASE(
    "a failed run leaves its last picture: who waits for whom, and what each did until then") {
  for (const bool is_modelled : {true, false}) {
    INFO(is_modelled);
    Trace last;
    RunOptions options{.grid = {.tp = kWrongRanks}};
    options.on_failure = [&](const Trace& trace) { last = trace; };
    const RankProgram program = find_wrong_program("shorter")->program;
    const RooflineModel costs(load_hardware("8xH100"));
    CHECK_THROWS_AS(
        is_modelled ? run_modelled(options, costs, program) : run_on_cpu(options, program), Error);
    std::vector<int> waiting;
    for (const Span& s : last.spans) {
      const int rank = last.lanes[static_cast<std::size_t>(s.lane)].rank;
      if (!never_ended(last, s)) {
        CHECK(s.sequence < 3);
        continue;
      }
      waiting.push_back(rank);
      CHECK(s.waits_for == 2);
      CHECK(s.sequence == 3);
      CHECK(s.ready_ns == s.end_ns);
      const std::string why = why_gap(last, rank, s.posted_ns, s.end_ns).sentence();
      CHECK(
          why.find("waits for rank 2, which never came: the last that it did was all_reduce #2") !=
          std::string::npos);
    }
    CHECK(waiting == std::vector<int>{0, 1});
    CHECK(statistics(last).ranks.size() == 3);
  }
}

TEST_CASE("in the last picture of a circle each waits for the next") {
  Trace last;
  RunOptions options{.grid = {.tp = kWrongRanks}};
  options.on_failure = [&](const Trace& trace) { last = trace; };
  for (const bool is_modelled : {true, false}) {
    INFO(is_modelled);
    const RankProgram program = find_wrong_program("crossed")->program;
    const RooflineModel costs(load_hardware("8xH100"));
    CHECK_THROWS_AS(
        is_modelled ? run_modelled(options, costs, program) : run_on_cpu(options, program), Error);
    for (const Span& s : last.spans) {
      if (!never_ended(last, s)) continue;
      const int rank = last.lanes[static_cast<std::size_t>(s.lane)].rank;
      CHECK(s.waits_for == (rank + 1) % 3);
      CHECK(why_gap(last, rank, s.posted_ns, s.end_ns).sentence().find("a circle") !=
            std::string::npos);
    }
  }
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
