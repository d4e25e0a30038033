// The part of Catch2 that the cases of the cuda backend use, with Catch2's names, so that a machine
// with a GPU needs no Catch2: TEST_CASE, CHECK, REQUIRE, INFO and a Session. Its folder stands in
// front of the others for test_cuda_on_gpu only. What differs:
//   test_cuda_on_gpu [FILE...]   runs the cases of these files ("math_test") or all
// and each case's name is printed before it runs, so that the last line tells where it hangs.
#pragma once

#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <vector>

namespace Catch {

struct Case {
  std::string name, file;
  void (*run)();
};
struct State {
  std::vector<Case> cases = {};
  std::vector<std::string> infos = {};  // of the scopes that are open
  int failed_checks = 0;
};
inline State& state() {
  static State the_one;  // macros have no other place for it, here as in Catch2
  return the_one;
}

struct Registered {
  Registered(const std::string& file, void (*run)(), const std::string& name) {
    state().cases.push_back({name, file.substr(file.rfind('/') + 1), run});
  }
};

class Info {
 public:
  explicit Info(const std::ostringstream& out) { state().infos.push_back(out.str()); }
  ~Info() { state().infos.pop_back(); }
  Info(const Info&) = delete;
  Info& operator=(const Info&) = delete;
};

struct Required {};  // thrown by a REQUIRE that does not hold

inline void fails(const std::string& what) {
  ++state().failed_checks;
  std::printf("  FAILED: %s\n", what.c_str());
  for (const std::string& info : state().infos) std::printf("    with %s\n", info.c_str());
}
inline bool check(bool ok, const char* what, const char* file, int line) {
  if (!ok) fails(std::string(file) + ":" + std::to_string(line) + ": " + what);
  return ok;
}
inline void require(bool ok, const char* what, const char* file, int line) {
  if (!check(ok, what, file, line)) throw Required();
}

class Session {
 public:
  // 0 or the number of cases that failed; 1 if there was nothing to run.
  int run(int argc, char** argv) {
    int ran = 0, failed = 0;
    for (const Case& c : state().cases) {
      if (!is_asked(c, argc, argv)) continue;
      std::printf("%s\n", c.name.c_str());
      std::fflush(stdout);
      ++ran;
      failed += fails_in(c);
    }
    std::printf("%d cases, %d failed\n", ran, failed);
    return ran == 0 ? 1 : failed;
  }

 private:
  static bool is_asked(const Case& c, int argc, char** argv) {
    bool asked = argc == 1;
    for (int i = 1; i < argc; ++i) asked = asked || c.file == std::string(argv[i]) + ".cc";
    return asked;
  }
  static bool fails_in(const Case& c) {
    const int before = state().failed_checks;
    try {
      c.run();
    } catch (const Required&) {  // counted and told
    } catch (const std::exception& e) {
      fails(std::string("it threw: ") + e.what());
    }
    return state().failed_checks != before;
  }
};

}  // namespace Catch

#define CATCH_JOIN_(a, b) a##b
#define CATCH_JOIN(a, b) CATCH_JOIN_(a, b)
#define CATCH_HERE(name) CATCH_JOIN(name, __LINE__)
#define TEST_CASE(...)                                                                \
  static void CATCH_HERE(case_)();                                                    \
  static const Catch::Registered CATCH_HERE(registered_)(__FILE__, CATCH_HERE(case_), \
                                                         __VA_ARGS__);                \
  static void CATCH_HERE(case_)()
#define CHECK(...) \
  Catch::check(static_cast<bool>(__VA_ARGS__), "CHECK(" #__VA_ARGS__ ")", __FILE__, __LINE__)
#define REQUIRE(...) \
  Catch::require(static_cast<bool>(__VA_ARGS__), "REQUIRE(" #__VA_ARGS__ ")", __FILE__, __LINE__)
#define INFO(words) const Catch::Info CATCH_HERE(info_)(std::ostringstream() << words)
