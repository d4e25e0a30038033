#include "labs/learn/place.h"

#include <filesystem>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/base/output_file.h"
#include "core/base/printable.h"
#include "labs/grade/exercise_file.h"

namespace shardpipe {

namespace fs = std::filesystem;

namespace {

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) usage_error(text(folder, ": cannot be made (", error.message(), ")"));
}

}  // namespace

std::string state_folder() {
  const std::string folder = data_root() + "/.lab";
  make_folder(folder);
  return folder;
}

std::string build_folder() { return fs::read_symlink("/proc/self/exe").parent_path().string(); }

std::string shown(const std::string& file) {
  const std::string root = data_root() + "/";
  return printable(file.rfind(root, 0) == 0 ? file.substr(root.size()) : file);
}

void write_file(const std::string& file, const std::string& content) {
  make_folder(fs::path(file).parent_path().string());
  OutputFile out(file);
  out.write(content);
  out.commit();
}

void write_if_other(const std::string& file, const std::string& content) {
  if (!is_there(file) || read_file(file) != content) write_file(file, content);
}

}  // namespace shardpipe
