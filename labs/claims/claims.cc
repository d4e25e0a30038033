#include "labs/claims/claims.h"

#include <algorithm>
#include <filesystem>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "labs/claims/page_text.h"
#include "labs/grade/toml_file.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

struct KindName {
  const char* name;
  ClaimKind kind;
};
constexpr KindName kKinds[] = {
    {"claim", ClaimKind::claim},     {"measured", ClaimKind::measured},
    {"cited", ClaimKind::cited},     {"definition", ClaimKind::definition},
    {"planted", ClaimKind::planted}, {"graded", ClaimKind::graded}};

class Reader {
 public:
  explicit Reader(const std::string& file)
      : file_(file), table_(read_toml(data_root() + "/" + file, ExitCode::fault)) {}

  std::vector<PageClaims> read() {
    only(table_, {"page", "pages", "complete", "commands", "claim", "measured", "cited",
                  "definition", "planted", "graded"});
    PageClaims one{.file = file_, .complete = table_["complete"].value_or(false)};
    if (const toml::table* commands = table_["commands"].as_table())
      for (const auto& [name, command] : *commands)
        one.commands[std::string(name.str())] = command.value_or(std::string());
    for (const std::string& page : pages()) {
      one.page = page;
      all_.push_back(one);
    }
    for (const KindName& kind : kKinds)
      if (const toml::array* tables = table_[kind.name].as_array())
        for (const toml::node& node : *tables)
          if (const toml::table* claim = node.as_table()) add(*claim, kind.kind, page_of(*claim));
    return std::move(all_);
  }

 private:
  bool is_folder() const { return table_.contains("pages"); }
  std::vector<std::string> pages() const {
    if (!is_folder()) return {word(table_, "page")};
    const std::string folder = word(table_, "pages");
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(data_root() + "/" + folder))
      all.push_back(folder + "/" + entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  }
  PageClaims& page_of(const toml::table& claim) {
    if (!is_folder()) return all_.front();
    const std::string name = word(claim, "page");
    for (PageClaims& one : all_)
      if (fs::path(one.page).stem() == name) return one;
    refuse(claim, text("there is no page ", name));
  }

  void add(const toml::table& table, ClaimKind kind, PageClaims& all) {
    Claim claim{.kind = kind};
    switch (kind) {
      case ClaimKind::claim:
        only(table, {"quote", "relation"});
        claim.relation = normalised(word(table, "relation"));
        break;
      case ClaimKind::measured:
        only(table, {"quote", "command", "machine", "date"});
        claim.source =
            text(word(table, "command"), ", ", word(table, "machine"), ", ", word(table, "date"));
        break;
      case ClaimKind::cited:
        only(table, {"quote", "source"});
        claim.source = word(table, "source");
        break;
      case ClaimKind::planted:
        only(table, {"quote", "bugs"});
        claim.bugs = words(table, "bugs");
        break;
      case ClaimKind::graded:
      case ClaimKind::definition: only(table, {"quote"});
    }
    for (const std::string& quote : words(table, "quote")) {
      claim.quote = normalised(quote);
      all.claims.push_back(claim);
    }
  }

  void only(const toml::table& table, std::initializer_list<std::string_view> keys) const {
    for (const auto& [key, value] : table)
      if (std::find(keys.begin(), keys.end(), key.str()) == keys.end() &&
          !(is_folder() && key.str() == "page"))
        refuse(table, text("knows no ", key.str()));
  }
  std::string word(const toml::table& table, const char* key) const {
    const auto found = table[key].value<std::string>();
    if (!found || normalised(*found).empty()) refuse(table, text("lacks ", key));
    return *found;
  }
  std::vector<std::string> words(const toml::table& table, const char* key) const {
    const toml::array* array = table[key].as_array();
    if (array == nullptr) return {word(table, key)};
    std::vector<std::string> all;
    for (const toml::node& node : *array) {
      all.push_back(node.value_or(std::string()));
      if (normalised(all.back()).empty()) refuse(table, text("an empty ", key));
    }
    if (all.empty()) refuse(table, text("lacks ", key));
    return all;
  }
  [[noreturn]] void refuse(const toml::table& table, const std::string& why) const {
    fail(ExitCode::fault, text(file_, ":", table.source().begin.line, ": ", why));
  }

  const std::string file_;
  const toml::table table_;
  std::vector<PageClaims> all_ = {};
};

}  // namespace

std::vector<PageClaims> read_claims(const std::string& file) { return Reader(file).read(); }

std::vector<PageClaims> all_claims() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(data_root() + "/docs/claims"))
    if (entry.path().extension() == ".toml")
      files.push_back("docs/claims/" + entry.path().filename().string());
  std::sort(files.begin(), files.end());
  std::vector<PageClaims> all;
  for (const std::string& file : files)
    for (PageClaims& one : read_claims(file)) all.push_back(std::move(one));
  return all;
}

}  // namespace shardpipe
