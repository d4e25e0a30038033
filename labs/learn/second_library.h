// A second libshardpipe.so beside the build's: one of its files has another text, is compiled with
// its recorded flags, and is linked with the build's other objects. Programs of the build run with
// it where LD_LIBRARY_PATH names its folder. Nothing is copied, and the build stays as it is.
#pragma once

#include <string>
#include <vector>

#include "labs/learn/child.h"

namespace shardpipe {

// A line of the shell, in the build folder.
ChildEnd run_in_build(const std::string& line, double seconds = 600);

// Into `folder`, a link to each library of the build that is loaded from where libshardpipe.so
// lies: backends, and what stands in for one that is not built. With libshardpipe.so itself: a
// folder that must change nothing.
void link_backends(const std::string& folder);
void link_libraries(const std::string& folder);

struct LibrarySource {
  std::string file = {};     // below the root
  std::string command = {};  // that compiles it
  std::string object = {};   // below the build folder
};

class SecondLibrary {
 public:
  SecondLibrary();  // Error(absent) where the build tool cannot say how the library is linked

  // Those of the library below `where`, a file or a folder.
  std::vector<LibrarySource> sources(const std::string& where) const;
  // Into `folder`, with links to the backends. Some seconds: one file is compiled. What it says of
  // its place (Where) is what the file itself would say. What the compiler says if it does not
  // compile, else "".
  std::string build(const LibrarySource& source, const std::string& text_of_file,
                    const std::string& folder) const;

 private:
  std::string link_;  // the command
};

}  // namespace shardpipe
