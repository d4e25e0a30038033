// docs/schedules.md, and the pictures of docs/pipeline_parallelism.md: computed. One stands between
//   <!-- computed: methods | figures | papers | groups | picture NAME P M -->   and   <!-- end -->
// and this test holds it against the code. LAB_UPDATE_TABLES=1 ./build/test_schedule rewrites them.
#include <algorithm>
#include <cstdio>
#include <sstream>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "core/schedule/messages.h"
#include "core/schedule/text.h"
#include "tests/schedule/closed_forms.h"
#include "tests/support/computed_page.h"

namespace shardpipe {
namespace {

std::string number(double value, const char* pattern = "%.4g") {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

std::string methods() {
  std::string out =
      "| schedule | makespan, without latency | held on rank r | wins where |\n|---|---|---|---|\n";
  for (const ClosedForm& form : closed_forms())
    out += text("| `", form.name, "` | ", form.makespan_words, " | ", form.peak_words, " | ",
                form.wins, " |\n");
  return out;
}

// Copies of the model's weights that the ranks hold together.
double weight_copies(const Schedule& s) {
  std::size_t stages = 0;
  for (int r = 0; r < s.num_ranks(); ++r) stages += stages_of_rank(s, r).size();
  return static_cast<double>(stages) / s.stages;
}

// Activations of a micro-batch on a whole rank's share of the model: 1.
std::string held(const Schedule& s, const Timing& t) {
  std::string out;
  for (const int peak : t.peak_in_flight)
    out += (out.empty() ? "" : ", ") + number(static_cast<double>(peak) / s.chunks);
  return out;
}

std::size_t messages_of(const Schedule& s) {
  std::size_t ends = 0;
  for (const auto& steps : insert_messages(s).ranks)
    for (const Step& step : steps) ends += step.transfers.size();
  return ends / 2;
}

std::string figures() {
  std::string out =
      "| schedule | makespan | bubble | at C=1 | at C=2 | copies of weights | held, ranks 0..3 | "
      "messages |\n|---|---|---|---|---|---|---|---|\n";
  for (const std::string& name : schedule_names()) {
    const Schedule s = build_schedule(name, 4, 8, default_chunks(name));
    const Timing t = simulate(s, {});
    out += text("| `", name, "` | ", number(t.makespan), " | ",
                number(100 * t.bubble_over_ideal, "%.1f"), " % | ",
                number(simulate(s, {1, 1, 1, 1}).makespan), " | ",
                number(simulate(s, {1, 1, 1, 2}).makespan), " | ", number(weight_copies(s)), " | ",
                held(s, t), " | ", messages_of(s), " |\n");
  }
  return out;
}

std::string in_measure(Measure measure, const Timing& t) {
  const auto percent = [](double share) { return number(100 * share, "%.1f") + " %"; };
  const double work = t.makespan / (1 + t.bubble_over_ideal);
  double span = 0;
  for (const auto& rank : t.ranks) span = std::max(span, rank.back().end - rank.front().start);
  switch (measure) {
    case Measure::none: return "-";
    case Measure::over_ideal: return percent(t.bubble_over_ideal);
    case Measure::over_total: return percent(t.bubble_over_total);
    case Measure::of_span: return percent((span - work) / span);
    case Measure::time: return number(t.makespan - work);
  }
  return "";
}

std::string papers() {
  std::string out =
      "| schedule | published in | its bubble | in figures | over the ideal "
      "|\n|---|---|---|---|---|\n";
  for (const std::string& name : schedule_names()) {
    const Publication& paper = publication(name);
    const Timing t = simulate(build_schedule(name, 4, 8, default_chunks(name)), {});
    out += text("| `", name, "` | ", paper.words, " | ", paper.bubble_words, " | ",
                in_measure(paper.measure, t), " | ", in_measure(Measure::over_ideal, t), " |\n");
  }
  return out;
}

// What messages of time C cost, by the group of interleaved_1f1b.
std::string groups() {
  std::string out =
      "| N | held, ranks 0..3 | C=0 | C=0.25 | C=0.5 | C=1 | C=2 |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const int group : {4, 6, 8, 12, 16}) {
    const Schedule s = build_schedule("interleaved_1f1b", 4, 16, 2, group);
    out += text("| ", group, " | ", held(s, simulate(s, {})), " |");
    for (const double C : {0.0, 0.25, 0.5, 1.0, 2.0})
      out += text(" ", number(simulate(s, {1, 1, 1, C}).makespan), " |");
    out += "\n";
  }
  return out;
}

std::string picture(std::istream& words) {
  std::string name;
  int p = 0, m = 0;
  words >> name >> p >> m;
  const Schedule s = build_schedule(name, p, m, default_chunks(name));
  return "```\n" + draw_grid(s, simulate(s, {}), {}) + "```\n";
}

std::string computed(const std::string& directive) {
  std::istringstream words(directive);
  std::string what;
  words >> what;
  if (what == "methods") return methods();
  if (what == "figures") return figures();
  if (what == "papers") return papers();
  if (what == "groups") return groups();
  if (what == "picture") return picture(words);
  throw std::invalid_argument("computed: " + directive);
}

}  // namespace

TEST_CASE("docs/schedules.md says what the code does") {
  const std::string page = check_page("schedules.md", 15, computed);
  for (const std::string& name : schedule_names())
    CHECK(page.find("`" + name + "`") != std::string::npos);
}

TEST_CASE("docs/pipeline_parallelism.md: its pictures are drawn") {
  check_page("pipeline_parallelism.md", 2, computed);
}

}  // namespace shardpipe
