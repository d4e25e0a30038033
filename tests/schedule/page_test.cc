// docs/schedules.md: its tables and pictures are computed. One stands between
//   <!-- computed: methods | figures | picture NAME P M -->   and   <!-- end -->
// and this test holds it against the code; so are the pictures of docs/pipeline_parallelism.md.
// LAB_UPDATE_TABLES=1 ./build/test_schedule rewrites them.
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
  if (what == "picture") return picture(words);
  throw std::invalid_argument("docs/schedules.md: computed: " + directive);
}

}  // namespace

TEST_CASE("docs/schedules.md says what the code does") {
  const std::string page = check_page("schedules.md", 11, computed);
  for (const std::string& name : schedule_names())
    CHECK(page.find("`" + name + "`") != std::string::npos);
}

TEST_CASE("docs/pipeline_parallelism.md draws what the code does") {
  check_page("pipeline_parallelism.md", 2, computed);
}

}  // namespace shardpipe
