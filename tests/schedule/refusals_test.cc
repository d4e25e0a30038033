// Sizes a schedule is not made for: refused in one line that states the rule.
#include <limits>

#include "core/schedule/builders.h"
#include "core/schedule/simulator.h"
#include "tests/support/catch.h"
#include "tests/support/refuses.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

std::string refusal(const char* name, int p, int m, int v) {
  return usage_message([&] { build_schedule(name, p, m, v); });
}

}  // namespace

TEST_CASE("each rule is named, with the numbers") {
  CHECK(refusal("looped_bfs", 4, 3, 2) ==
        "looped_bfs: --microbatches 3 must be at least 4 (stages)");
  CHECK(refusal("zb_h2", 4, 6, 1) == "zb_h2: --microbatches 6 must be at least 7 (2 x stages - 1)");
  CHECK(lacks(refusal("zb_v", 4, 6, 2), {"zb_v", "at least 7 (2 x stages - 1)"}) == "");
  CHECK(refusal("v_half", 4, 5, 2) == "v_half: --microbatches 5 must be at least 6 (stages + 2)");
  CHECK(lacks(refusal("v_min", 257, 300, 2), {"v_min", "--stages 257 must be at most 256"}) == "");
  CHECK(lacks(refusal("dualpipe_v", 4, 7, 2), {"dualpipe_v", "at least 8 (2 x stages)"}) == "");
  CHECK(lacks(refusal("dualpipe", 3, 8, 1), {"--stages 3 must be even"}) == "");
  CHECK(lacks(refusal("dualpipe", 4, 9, 1), {"--microbatches 9 must be even"}) == "");
  CHECK(lacks(refusal("dualpipe", 4, 6, 1), {"at least 8 (2 x stages)"}) == "");
}

TEST_CASE("a group is of p to m micro-batches, and leaves no smaller rest") {
  const auto of_group = [](int m, int group, const char* name = "interleaved_1f1b") {
    return usage_message([&] { build_schedule(name, 4, m, default_chunks(name), group); });
  };
  CHECK(of_group(8, 3) == "interleaved_1f1b: --microbatch-group 3 must be at least 4 (stages)");
  CHECK(of_group(8, 9) ==
        "interleaved_1f1b: --microbatch-group 9 must be at most 8 (micro-batches)");
  CHECK(of_group(8, 5) ==
        "interleaved_1f1b: --microbatch-group 5 leaves 3 of --microbatches 8: none or at least 4 "
        "(stages) must be left");
  CHECK(lacks(of_group(8, -1), {"--microbatch-group -1"}) == "");
  CHECK(of_group(8, 4, "1f1b") == "1f1b: --microbatch-group 4 is for interleaved_1f1b");
}

TEST_CASE("chunks only where stages are cut") {
  for (const char* name :
       {"naive", "gpipe", "1f1b", "eager_1f1b", "zb_h1", "zb_h2", "dualpipe", "forward_only"}) {
    CHECK(lacks(refusal(name, 2, 8, 2), {name, "--chunks 2 must be 1"}) == "");
    CHECK(default_chunks(name) == 1);
  }
  for (const char* name : {"zb_v", "v_half", "v_min", "dualpipe_v"}) {
    CHECK(lacks(refusal(name, 2, 8, 1), {name, "--chunks 1 must be 2"}) == "");
    CHECK(default_chunks(name) == 2);
  }
  CHECK(lacks(refusal("looped_bfs", 2, 8, 0), {"--chunks 0 must be at least 1"}) == "");
}

TEST_CASE("sizes of nothing, negative sizes and sizes that would fill the memory") {
  for (const std::string& name : schedule_names()) {
    const int v = default_chunks(name);
    CHECK(lacks(refusal(name.c_str(), 0, 8, v), {"--stages 0 must be at least 1"}) == "");
    CHECK(lacks(refusal(name.c_str(), -4, 8, v), {"--stages -4"}) == "");
    CHECK(lacks(refusal(name.c_str(), 4, 0, v), {"--microbatches 0 must be at least 1"}) == "");
    CHECK(lacks(refusal(name.c_str(), 4, -8, v), {"--microbatches -8"}) == "");
    CHECK(lacks(refusal(name.c_str(), 4096, 4096, v), {"more than 4000000"}) == "");
    CHECK(lacks(refusal(name.c_str(), 2147483647, 2147483647, v), {"--stages 2147483647"}) == "");
  }
  CHECK(lacks(refusal("looped_bfs", 4, 8, 2147483647), {"more than 4000000"}) == "");
  CHECK(lacks(refusal("gpipe", 5000, 1, 1), {"at most 4096"}) == "");
}

TEST_CASE("an unknown name gets the list") {
  CHECK(lacks(refusal("2f2b", 4, 8, 1), {"'2f2b'", "naive, gpipe, 1f1b", "forward_only"}) == "");
  CHECK(lacks(usage_message([] { default_chunks("2f2b"); }), {"'2f2b'"}) == "");
}

TEST_CASE("costs that no machine has") {
  const Schedule s = build_schedule("1f1b", 2, 2, 1);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Costs& c : std::vector<Costs>{
           {0, 1, 1, 0}, {1, -1, 1, 0}, {1, 1, 1, nan}, {nan, 1, 1, 0}, {1, 1, 1e300, 0}})
    CHECK(lacks(usage_message([&] { simulate(s, c); }), {"must be above 0", "at least 0"}) == "");
  CHECK(simulate(s, {1, 1, 0, 0}).makespan == 6);  // frozen weights
}

TEST_CASE("the smallest and the largest sizes of each rule are taken") {
  struct Size {
    const char* name;
    int p, m, v;
  };
  for (const Size& s : {Size{"naive", 1, 1, 1},
                        {"gpipe", 1, 1, 1},
                        {"1f1b", 1, 1, 1},
                        {"eager_1f1b", 4, 1, 1},
                        {"zb_h1", 4, 1, 1},
                        {"forward_only", 4, 1, 1},
                        {"interleaved_1f1b", 4, 4, 1},
                        {"interleaved_1f1b", 4, 8, 2},
                        {"interleaved_1f1b", 4, 7, 2},
                        {"looped_bfs", 4, 4, 1},
                        {"zb_h2", 4, 7, 1},
                        {"zb_v", 4, 7, 2},
                        {"dualpipe_v", 4, 8, 2},
                        {"dualpipe", 4, 8, 1},
                        {"dualpipe", 2, 4, 1},
                        {"gpipe", 4096, 1, 1},
                        {"forward_only", 1, 4'000'000, 1}}) {
    INFO(s.name << " " << s.p << " " << s.m << " " << s.v);
    CHECK(refusal(s.name, s.p, s.m, s.v) == "no error");
  }
  CHECK(lacks(refusal("gpipe", 4097, 1, 1), {"--stages 4097 must be at most 4096"}) == "");
  CHECK(lacks(refusal("forward_only", 1, 4'000'001, 1), {"is more than 4000000"}) == "");
  CHECK(lacks(refusal("looped_bfs", 1, 2, 2'000'001), {"is more than 4000000"}) == "");
}

TEST_CASE("each cost may be as large as 1e9, and all but F may be 0") {
  const Schedule s = build_schedule("zb_h1", 2, 2, 1);
  const auto refused = [&](double Costs::*cost, double value) {
    Costs costs;
    costs.*cost = value;
    return refuses("all at most 1e9", [&] { simulate(s, costs); });
  };
  for (double Costs::*cost : {&Costs::F, &Costs::I, &Costs::W, &Costs::C}) {
    CHECK(!refused(cost, 1e9));
    CHECK(refused(cost, 1e9 + 1));
    CHECK(!refused(cost, 1e-9));
    CHECK(refused(cost, -1e-9));
    CHECK(refused(cost, 0) == (cost == &Costs::F));
  }
}

}  // namespace shardpipe
