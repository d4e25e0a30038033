#include "labs/learn/scaffold.h"

#include <cctype>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

// "day03_qkv_layout" -> "QkvLayoutAnswer".
std::string answer_name(const std::string& id) {
  std::string name;
  bool upper = true;
  for (const char c : id.substr(6)) {
    if (c != '_') name += upper ? static_cast<char>(std::toupper(c)) : c;
    upper = c == '_';
  }
  return name + "Answer";
}

bool is_name(const std::string& name) {
  bool fits = name.size() > 6 && name.rfind("day", 0) == 0 && name[5] == '_';
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    fits = fits && (i == 3 || i == 4 ? std::isdigit(c) != 0
                                     : std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_');
  }
  return fits;
}

std::string header(const std::string& answer) {
  return text(
      "// TITLE: what there is to write, and what it is given.\n#pragma once\n\n",
      "#include \"core/context/rank_context.h\"\n#include \"exercises/not_written.h\"\n\n",
      "namespace shardpipe {\n\nstruct ", answer, " {\n  // What it is given, and what holds ",
      "afterwards.\n  void (*write_me)(Tensor out, Tensor in, RankContext& ctx) = nullptr;\n",
      "};\n\n}  // namespace shardpipe\n\n",
      "// Written at the end of the answer: what the grader calls.\n",
      "extern \"C\" [[gnu::visibility(\"default\")]] void shardpipe_answer(shardpipe::", answer,
      "& answer);\n");
}

std::string solution(const std::string& topic, const std::string& id, const std::string& answer) {
  return text("// Day ", std::stoi(id.substr(3, 2)), ": TITLE.   ./lab check ", id,
              "\n//\n// The task: what holds afterwards, a picture with small numbers, what is ",
              "allowed.\n#include \"exercises/", topic, "/", id,
              ".h\"\n\nnamespace shardpipe::answer {\n\n",
              "void write_me(Tensor out, Tensor in, RankContext& ctx) {\n",
              "  // >>> region 1: out = in (about 1 line)\n",
              "  ctx.math.copy(out, in, ctx.compute);\n  // <<< region 1\n}\n\n",
              "}  // namespace shardpipe::answer\n\n",
              "extern \"C\" void shardpipe_answer(shardpipe::", answer,
              "& answer) {\n  answer = {.write_me = shardpipe::answer::write_me};\n}\n");
}

std::string description(const std::string& id) {
  return text(
      "day = ", std::stoi(id.substr(3, 2)),
      "\norder = 1\ntitle = \"TITLE\"\nkind = \"implement\"\nminutes = 30\n"
      "chapter = \"docs/PAGE.md#section\"\npoints = { correctness = 60, communication = 30, "
      "memory = 10 }\nshares = [100]\nlabs = []\nnot_allowed = []\nhints = [\n"
      "  \"the concept\",\n  \"where to look\",\n  \"an example with two or three ranks\",\n"
      "  \"the steps\",\n]\n");
}

}  // namespace

std::vector<std::string> make_exercise(const std::string& topic, const std::string& id) {
  if (!is_name(topic) || !is_name(id) || topic.substr(0, 6) != id.substr(0, 6))
    usage_error(text(topic, " ", id, ": names such as day03_block day03_qkv_layout, of one day"));
  const std::string root = data_root(), folder = root + "/solutions/" + topic + "/" + id;
  if (is_there(folder)) usage_error(text(shown(folder), " is there already"));
  const std::string answer = answer_name(id);
  const std::vector<std::pair<std::string, std::string>> files = {
      {root + "/exercises/" + topic + "/" + id + ".h", header(answer)},
      {folder + "/solution.cc", solution(topic, id, answer)},
      {folder + "/exercise.toml", description(id)},
      {folder + "/explain.md", "# TITLE\n\nWhy it is so, what it costs, what the trace shows.\n"}};
  std::vector<std::string> written;
  for (const auto& [file, content] : files) {
    write_file(file, content);
    written.push_back(shown(file));
  }
  return written;
}

}  // namespace shardpipe
