#include "labs/learn/page.h"

#include <sstream>

#include "core/base/data_root.h"
#include "core/base/input_file.h"

namespace shardpipe {
namespace {

constexpr std::size_t kColumns = 100;

bool starts(const std::string& line, const char* with) { return line.rfind(with, 0) == 0; }

// A line that does not go on with the one before it.
bool stands_alone(const std::string& line) {
  return line.empty() || line[0] == ' ' || line[0] == '#' || line[0] == '|';
}

class Wrapping {
 public:
  explicit Wrapping(const std::string& margin) : margin_(margin) {}

  void line(const std::string& text) {
    if (starts(text, "```")) {
      end_paragraph();
      fenced_ = !fenced_;
      all_ += margin_ + text + "\n";
    } else if (fenced_ || stands_alone(text)) {
      end_paragraph();
      all_ += text.empty() ? "\n" : margin_ + text + "\n";
    } else {
      if (starts(text, "* ") || starts(text, "- ")) end_paragraph();
      paragraph(text);
    }
  }
  std::string finish() {
    end_paragraph();
    return all_;
  }

 private:
  void paragraph(const std::string& text) {
    std::istringstream words(text);
    for (std::string word; words >> word;) {
      if (!line_.empty() && margin_.size() + line_.size() + 1 + word.size() > kColumns)
        end_paragraph();
      line_ += (line_.empty() ? "" : " ") + word;
    }
  }
  void end_paragraph() {
    if (!line_.empty()) all_ += margin_ + line_ + "\n";
    line_.clear();
  }

  const std::string margin_;
  std::string all_, line_;
  bool fenced_ = false;
};

}  // namespace

std::string wrapped(const std::string& page, const std::string& margin) {
  Wrapping wrapping(margin);
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) wrapping.line(line);
  return wrapping.finish();
}

std::string why_file(const std::string& code) { return data_root() + "/docs/why/" + code + ".md"; }

bool has_page(const std::string& code) {
  return code.find('/') == std::string::npos && is_there(why_file(code));
}

}  // namespace shardpipe
