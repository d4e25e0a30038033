// dev claims: whether what the pages say is so.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/flags.h"
#include "core/base/input_file.h"
#include "labs/claims/check.h"
#include "labs/claims/documents.h"
#include "labs/claims/page_text.h"
#include "labs/claims/renew.h"
#include "labs/grade/exercise_file.h"
#include "labs/learn/known_codes.h"
#include "labs/learn/place.h"
#include "labs/learn/verbs.h"

namespace shardpipe {
namespace {

std::string in_root(const std::string& file) { return data_root() + "/" + file; }

bool is_chosen(const std::string& page, const std::vector<std::string>& pages) {
  return pages.empty() || std::any_of(pages.begin(), pages.end(), [&](const std::string& one) {
           return page == one || page.rfind(one + "/", 0) == 0;
         });
}

// Those of the pages that are asked for, also of pages without a file of claims.
std::vector<PageClaims> chosen_claims(const std::vector<std::string>& pages) {
  std::vector<PageClaims> some;
  for (PageClaims& one : all_claims())
    if (is_chosen(one.page, pages)) some.push_back(std::move(one));
  for (const std::string& page : pages) {
    if (!is_there(in_root(page))) usage_error(text(page, ": no page of the project"));
    if (std::none_of(some.begin(), some.end(),
                     [&](const auto& c) { return is_chosen(c.page, {page}); }))
      some.push_back({.page = page});
  }
  return some;
}

// A page of docs/why is named after the mistake that it is of.
const Json& mistake_of(const PageClaims& page) {
  const auto found = known_codes().find(std::filesystem::path(page.page).stem().string());
  if (found == known_codes().end()) usage_error(text(page.page, " is of no mistake"));
  return found->second;
}

// What the commands of some pages print.
class Printed {
 public:
  explicit Printed(const std::vector<PageClaims>& pages) {
    std::set<std::string> commands;
    for (const PageClaims& page : pages)
      for (const auto& [name, command] : page.commands) commands.insert(command);
    documents_ = run_commands(commands, failed_);
  }

  const Json& of(const PageClaims& page, const Json& tables, const std::string& name) const {
    if (name == "page") return tables;
    if (name == "mistake") return mistake_of(page);
    const auto command = page.commands.find(name);
    if (command == page.commands.end()) usage_error(text("there is no command ", name));
    if (const auto why = failed_.find(command->second); why != failed_.end())
      usage_error(text("lab ", command->second, ": ", why->second));
    return documents_.at(command->second);
  }

 private:
  std::map<std::string, Json> documents_;
  std::map<std::string, std::string> failed_;
};

// What is wrong, a line each.
std::vector<std::string> wrong_claims(const std::vector<PageClaims>& pages) {
  const Printed printed(pages);
  std::vector<std::string> all;
  for (const PageClaims& of : pages) {
    const std::string page = read_file(in_root(of.page));
    const Json tables = tables_of(page);
    const auto document = [&](const std::string& name) -> const Json& {
      return printed.of(of, tables, name);
    };
    for (const Claim& claim : of.claims)
      if (const std::string line = complaint(of, claim, page, document); !line.empty())
        all.push_back(line);
    if (!of.complete) continue;
    for (const std::string& sentence : unquoted(of.page, page, of.claims))
      all.push_back(text("not quoted in ", of.file, ": ", sentence));
  }
  return all;
}

void update_figures(const std::vector<PageClaims>& pages) {
  const Printed printed(pages);
  for (const PageClaims& of : pages) {
    if (of.file.empty()) continue;
    const std::string page = read_file(in_root(of.page));
    const Json tables = tables_of(page);
    const Renewed now = renewed(
        of, {.page = page, .file = read_file(in_root(of.file))},
        [&](const std::string& name) -> const Json& { return printed.of(of, tables, name); });
    if (now.figures == 0) continue;
    write_file(in_root(of.page), now.page);
    write_file(in_root(of.file), now.file);
    std::cout << text(of.page, ": figures of quotes that have changed: ", now.figures, "\n");
  }
}

void print_counts(const std::vector<PageClaims>& pages) {
  std::map<ClaimKind, int> counts;
  for (const PageClaims& page : pages)
    for (const Claim& claim : page.claims) ++counts[claim.kind];
  std::cout << text(pages.size(), " pages: ", counts[ClaimKind::claim], " claims, ",
                    counts[ClaimKind::measured], " measured, ", counts[ClaimKind::cited],
                    " cited, ", counts[ClaimKind::definition], " definitions, ",
                    counts[ClaimKind::planted], " on planted bugs, ", counts[ClaimKind::graded],
                    " on graded answers\n");
}

}  // namespace

int verb_claims(const Arguments& arguments) {
  std::vector<std::string> pages;
  bool is_unquoted = false, updates = false;
  Flags flags("lab dev claims",
              "Runs the commands that docs/claims/*.toml name, and says what a page claims and is "
              "not so.");
  flags.add("pages", pages,
            "such as docs/memory.md or docs/why; none: all that have a file of claims");
  flags.add_switch("--unquoted", is_unquoted,
                   "print sentences that count, bound or compare and that no file quotes");
  flags.add_switch("--update", updates, "first bring figures of quotes up to date, here and there");
  if (!flags.parse(arguments)) return 0;
  if (updates) update_figures(chosen_claims(pages));
  const std::vector<PageClaims> chosen = chosen_claims(pages);
  std::vector<std::string> lines;
  if (is_unquoted) {
    for (const PageClaims& of : chosen)
      for (const std::string& line : unquoted(of.page, read_file(in_root(of.page)), of.claims))
        lines.push_back(line);
  } else {
    lines = wrong_claims(chosen);
  }
  for (const std::string& line : lines) std::cout << line << "\n";
  if (is_unquoted) return 0;
  print_counts(chosen);
  return lines.empty() ? 0 : 1;
}

}  // namespace shardpipe
