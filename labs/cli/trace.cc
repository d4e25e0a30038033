// lab trace stats FILE..., lab trace explain FILE..., lab trace what-if FILE...
#include <functional>
#include <iostream>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/printable.h"
#include "core/base/terminal.h"
#include "core/trace/longest_gaps.h"
#include "core/trace/rank_rows.h"
#include "core/trace/shown_trace.h"
#include "core/trace/stats.h"
#include "core/trace/what_if.h"
#include "labs/cli/verbs.h"

namespace shardpipe {
namespace {

// What is said about one trace, in both forms.
struct Answer {
  std::string words = {};
  Json document = {};
};

struct Question {
  const char* name;
  std::function<Answer(const Trace&, const std::string& ranks)> ask;
  bool takes_ranks = false;
};

const std::vector<Question>& questions() {
  static const std::vector<Question> all = {
      {"stats",
       [](const Trace& trace, const std::string& ranks) {
         if (!ranks.empty()) ranks_in_list(ranks, trace.ranks());  // refuses
         const TraceStats stats = statistics(trace);
         return Answer{to_text(stats, trace, ranks), to_json(stats, trace)};
       },
       true},
      {"explain",
       [](const Trace& trace, const std::string&) {
         const std::vector<GapReason> reasons = explain_gaps(trace, kExplainedGaps);
         return Answer{to_text(reasons, trace), to_json(reasons, trace)};
       }},
      {"what-if",
       [](const Trace& trace, const std::string&) {
         const std::vector<WhatIfRow> rows = what_if_free(trace);
         return Answer{to_text(rows, trace), to_json(rows, trace)};
       }},
  };
  return all;
}

int help() {
  std::cout
      << "usage: ./lab trace stats FILE... [--json]     time, idle causes, bandwidths, "
         "critical path;\n"
         "                                              --ranks 0-3,12: of these ranks\n"
         "       ./lab trace explain FILE... [--json]   the longest gaps, and why: who waited for "
         "whom\n"
         "       ./lab trace what-if FILE... [--json]   what each kind of operation costs: "
         "the wall if it were free\n"
         "example: ./lab run tp-block --trace block.json && ./lab trace stats block.json\n";
  return 0;
}

}  // namespace

int verb_trace(const Arguments& arguments) {
  if (wants_help(arguments)) return help();
  const std::string name = arguments.empty() ? "" : arguments[0];
  const Question* question = nullptr;
  for (const Question& q : questions())
    if (name == q.name) question = &q;
  if (question == nullptr)
    usage_error(
        text("lab trace '", name, "': it does: stats, explain, what-if (see ./lab trace --help)"));
  bool json = false;
  std::string ranks;
  Arguments files;
  for (auto it = arguments.begin() + 1; it != arguments.end(); ++it) {
    if (*it == "--json")
      json = true;
    else if (question->takes_ranks && *it == "--ranks" && it + 1 != arguments.end())
      ranks = *++it;
    else if (it->starts_with("-"))
      usage_error(text("lab trace ", name, " has no flag ", *it, " (allowed: --json",
                       question->takes_ranks ? ", --ranks LIST)" : ")"));
    else
      files.push_back(*it);
  }
  if (files.empty()) usage_error(text("lab trace ", name, ": name at least one trace file"));
  Json documents = Json::list();
  for (const std::string& file : files) {
    Answer answer = naming(file, [&] {
      const ReadTrace read = json ? read_trace({file}) : read_to_show({file});
      for (const std::string& warning : read.warnings) say(warning);
      return question->ask(read.trace, ranks);
    });
    if (json)
      documents.push_back(std::move(answer.document));
    else
      std::cout << printable(file) << "\n" << answer.words << "\n";
  }
  if (json) std::cout << (files.size() == 1 ? documents.elements()[0] : documents).dump(2) << "\n";
  return 0;
}

}  // namespace shardpipe
