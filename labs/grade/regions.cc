#include "labs/grade/regions.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "core/base/error.h"

namespace shardpipe {
namespace {

struct Marker {
  bool opens = false;
  int number = 0;
  std::string text = {};
};

// "  // >>> region 2: text" or "  // <<< region 2"; number 0: the line is no marker.
Marker marker_of(const std::string& line) {
  const std::size_t at = line.find_first_not_of(' ');
  if (at == std::string::npos) return {};
  const std::string rest = line.substr(at);
  const bool opens = rest.rfind("// >>> region ", 0) == 0;
  if (!opens && rest.rfind("// <<< region ", 0) != 0) return {};
  Marker marker{.opens = opens};
  std::size_t i = 14;
  while (i < rest.size() && std::isdigit(static_cast<unsigned char>(rest[i])) != 0 && i < 16)
    marker.number = 10 * marker.number + (rest[i++] - '0');
  if (marker.number == 0) marker.number = -1;  // "region x": wrong, and said so
  if (i + 2 <= rest.size() && rest[i] == ':') marker.text = rest.substr(i + 2);
  return marker;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

std::string identifier(std::string name) {
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

bool is_include(const std::string& line) { return line.rfind("#include", 0) == 0; }

}  // namespace

std::vector<Region> regions_of(const std::string& source, const std::string& file) {
  std::vector<Region> regions;
  bool open = false;
  std::size_t begin = 0;
  for (int line_number = 1; begin < source.size(); ++line_number) {
    const std::size_t newline = source.find('\n', begin);
    const std::size_t next = newline == std::string::npos ? source.size() : newline + 1;
    const std::string line = source.substr(begin, newline - begin);
    const Marker marker = marker_of(line);
    const int expected = static_cast<int>(regions.size()) + (open ? 0 : 1);
    if (marker.number != 0 && (marker.opens == open || marker.number != expected))
      usage_error(text(file, ":", line_number, ": '", line.substr(line.find('/')),
                       "', where region ", expected, open ? " ends" : " may begin"));
    if (marker.number != 0 && marker.opens)
      regions.push_back({.number = marker.number, .promise = marker.text, .begin = next});
    if (marker.number != 0 && !marker.opens) regions.back().end = begin;
    if (marker.number != 0) open = marker.opens;
    begin = next;
  }
  if (open) usage_error(text(file, ": region ", regions.back().number, " is not closed"));
  if (regions.empty()) usage_error(text(file, ": has no region ('// >>> region 1: ...')"));
  return regions;
}

std::string with_bodies(const std::string& source, const std::string& file,
                        const std::map<int, std::string>& bodies) {
  std::string out;
  std::size_t copied = 0;
  for (const Region& region : regions_of(source, file)) {
    const auto body = bodies.find(region.number);
    if (body == bodies.end()) continue;
    out += source.substr(copied, region.begin - copied) + body->second;
    copied = region.end;
  }
  return out + source.substr(copied);
}

std::string stub_of(const std::string& solution, const std::string& file,
                    const std::map<int, std::string>& planted) {
  std::map<int, std::string> bodies;
  for (const Region& region : regions_of(solution, file)) {
    const auto bug = planted.find(region.number);
    bodies[region.number] =
        bug != planted.end() ? bug->second : text("  not_written(", region.number, ");\n");
  }
  return with_bodies(solution, file, bodies);
}

std::string known_entry(const std::string& name) { return "shardpipe_known_" + identifier(name); }

std::string known_source(const std::string& solution,
                         const std::map<std::string, std::string>& variants) {
  std::vector<std::string> includes;
  std::string bodies;
  const auto add = [&](const std::string& name, const std::string& source) {
    std::istringstream lines(source);
    std::string body = text("#line 1 \"", name, "\"\n");
    for (std::string line; std::getline(lines, line); body += "\n") {
      if (!is_include(line))
        body += line;
      else if (std::find(includes.begin(), includes.end(), line) == includes.end())
        includes.push_back(line);
    }
    // Its declaration, by which an answer's entry is exported, is that of another name.
    body = replaced(body, "extern \"C\" void shardpipe_answer",
                    "extern \"C\" [[gnu::visibility(\"default\")]] void shardpipe_answer");
    body = replaced(body, "shardpipe_answer", known_entry(name));
    bodies += replaced(body, "shardpipe::answer", "shardpipe::known_" + identifier(name));
  };
  add("solution", solution);
  for (const auto& [name, source] : variants) add(name, source);
  std::string out;
  for (const std::string& include : includes) out += include + "\n";
  return out + bodies;
}

}  // namespace shardpipe
