#include "labs/learn/ended.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <sstream>

#include "core/base/error.h"

namespace shardpipe {
namespace {

// "mine/x.cc:41", from an offset in a library: the innermost line that is in that file, since what
// it calls may have become a part of it. "" where the tool for it is not there.
std::string line_at(const std::string& library, const std::string& offset,
                    const std::string& file) {
  if (offset == "0" || access("/usr/bin/addr2line", X_OK) != 0) return "";
  const ChildEnd told = run_child({"/usr/bin/addr2line", "-i", "-e", library, "0x" + offset});
  std::istringstream lines(told.output);
  for (std::string line; std::getline(lines, line);) {
    const std::string where = line.substr(0, line.find(' '));
    const std::size_t at = where.find(file);
    if (at != std::string::npos) return where.substr(at);
  }
  return "";
}

// "fault WHAT|DEVICE|CASE|RANK|OFFSET": what guard.h has the process say.
CheckResult crashed(CheckResult result, const std::string& line) {
  std::istringstream parts(line.substr(6));
  std::string what, device, name, rank, offset;
  for (std::string* part : {&what, &device, &name, &rank, &offset}) std::getline(parts, *part, '|');
  const std::string where = line_at(result.library, offset, result.file);
  std::string say = "your code ends in " + what;
  if (rank != "-1") say += text(", rank ", rank, " of ", name, ", on the ", device, " device");
  if (!where.empty()) say += " (" + where + ")";
  if (device == "modelled" && what.find("memory access") != std::string::npos)
    say += "; tensors of that device have no numbers to look at: compute with math";
  return verdict(std::move(result), "CRASH", ExitCode::crash, say);
}

}  // namespace

std::string sentence_in(std::string& output) {
  output.erase(output.find_last_not_of('\n') + 1);
  const std::string lines = "\n" + output;
  std::size_t begin = std::string::npos;
  for (const char* says : {"\nlab: ", "\nlab-grade: "})
    if (const std::size_t at = lines.rfind(says); at != std::string::npos)
      begin = begin == std::string::npos ? at : std::max(begin, at);
  if (begin == std::string::npos) begin = output.rfind('\n') + 1;
  const std::string line = output.substr(begin, output.find('\n', begin) - begin);
  output.erase(begin);
  return line.rfind("lab: ", 0) == 0 ? line.substr(5) : line;
}

CheckResult verdict(CheckResult result, const char* code, ExitCode exit, const std::string& say) {
  result.code = code;
  result.exit = exit;
  result.say = say;
  return result;
}

CheckResult without_report(CheckResult result, const ChildEnd& end) {
  const std::size_t fault = end.report.find("fault ");
  if (fault != std::string::npos)
    return crashed(std::move(result),
                   end.report.substr(fault, end.report.find('\n', fault) - fault));
  if (end.timed_out)
    return verdict(std::move(result), "NO_END", ExitCode::deadlock,
                   text("your code did not end within ", std::floor(end.seconds), " s"));
  const std::string sentence = sentence_in(result.output);
  if (end.signal != 0)
    return verdict(std::move(result), "CRASH", ExitCode::crash,
                   text("your code was ended by a signal (", strsignal(end.signal), ")"));
  if (end.exit_code == static_cast<int>(ExitCode::deadlock))
    return verdict(std::move(result), "NO_END", ExitCode::deadlock, sentence);
  if (sentence.rfind("lab-grade: the answer", 0) == 0)
    return verdict(std::move(result), "NO_ENTRY", ExitCode::usage, sentence.substr(11));
  if (end.exit_code == static_cast<int>(ExitCode::fault)) fail(ExitCode::fault, sentence);
  return verdict(std::move(result), "CRASH", ExitCode::crash,
                 text("your code ended its process (exit code ", end.exit_code, "): ", sentence));
}

}  // namespace shardpipe
