// Lines of what is printed. Sentences name the lines of the program that called, and these move
// with every edit of a test.
#pragma once

#include <cctype>
#include <sstream>
#include <string>
#include <vector>

namespace shardpipe {

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// "a (b.cc:41) and c (stream comm, b.cc:7)" -> "a and c (stream comm)"
inline std::string without_lines(std::string sentence) {
  const std::string mark = ".cc:";
  for (std::size_t at; (at = sentence.find(mark)) != std::string::npos;) {
    const auto is = [&](std::size_t i, auto what) {
      return i < sentence.size() &&
             (what(static_cast<unsigned char>(sentence[i])) != 0 || sentence[i] == '_');
    };
    std::size_t begin = at, end = at + mark.size();
    while (begin > 0 && is(begin - 1, isalnum)) --begin;
    while (is(end, isdigit)) ++end;
    begin -= 2;                             // " (" or ", "
    if (sentence[begin + 1] == '(') ++end;  // its ")"
    sentence.erase(begin, end - begin);
  }
  return sentence;
}

}  // namespace shardpipe
