#include "core/base/markup.h"

#include <cstdio>

#include "core/base/printable.h"

namespace shardpipe {

std::string escaped(std::string_view words) {
  std::string spaced(words);
  for (char& c : spaced)
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  std::string out;
  for (const char c : printable(spaced)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

std::string pixels(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.2f", value);
  std::string out = buffer;
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

}  // namespace shardpipe
