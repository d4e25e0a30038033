#include "core/schedule/builders.h"

#include <algorithm>
#include <cstdint>

#include "core/base/error.h"
#include "core/schedule/families.h"

namespace shardpipe {
namespace {

constexpr std::int64_t kMostItems = 4'000'000;  // (stage, micro-batch): some 200 MB of actions
constexpr int kMostRanks = 4096;                // warm-ups alone are p x p steps
constexpr int kMostRanksOfBlocks = 256;         // squeezing takes p x p x p: a second at 256

enum class Chunks : std::uint8_t { one, two, any };

struct Sizes {
  int p = 1, m = 1, v = 1, group = 0;
};

struct Builder {
  const char* name;
  Chunks chunks;
  Schedule (*build)(const Sizes& s);
  // What is wrong with the sizes, in words of the command line; "" if nothing is.
  std::string (*objection)(const Sizes& s);
};

template <Schedule (*build)(int p, int m)>
Schedule plain(const Sizes& s) {
  return build(s.p, s.m);
}
Schedule interleaved(const Sizes& s) {
  return interleaved_1f1b(s.p, s.m, s.v, s.group == 0 ? default_group(s.p, s.m) : s.group);
}
Schedule breadth_first(const Sizes& s) { return looped_bfs(s.p, s.m, s.v); }

std::string anything(const Sizes&) { return ""; }

std::string at_least(int m, int least, const char* rule) {
  return m >= least ? "" : text("--microbatches ", m, " must be at least ", least, " (", rule, ")");
}

std::string fills_twice(const Sizes& s) { return at_least(s.m, 2 * s.p - 1, "2 x stages - 1"); }
std::string twice(const Sizes& s) { return at_least(s.m, 2 * s.p, "2 x stages"); }
std::string fills_blocks(const Sizes& s) {
  if (s.p > kMostRanksOfBlocks)
    return text("--stages ", s.p, " must be at most ", kMostRanksOfBlocks);
  return s.p == 1 ? "" : at_least(s.m, s.p + 2, "stages + 2");
}
std::string once(const Sizes& s) { return at_least(s.m, s.p, "stages"); }

std::string whole_groups(const Sizes& s) {
  if (s.group == 0) return "";
  const std::string group = text("--microbatch-group ", s.group);
  if (s.group < s.p) return text(group, " must be at least ", s.p, " (stages)");
  if (s.group > s.m) return text(group, " must be at most ", s.m, " (micro-batches)");
  const int last = s.m % s.group;
  return last == 0 || last >= s.p ? ""
                                  : text(group, " leaves ", last, " of --microbatches ", s.m,
                                         ": none or at least ", s.p, " (stages) must be left");
}

std::string even(const Sizes& s) {
  if (s.p % 2 != 0) return text("--stages ", s.p, " must be even");
  if (s.m % 2 != 0) return text("--microbatches ", s.m, " must be even");
  return twice(s);
}

const std::vector<Builder>& builders() {
  static const std::vector<Builder> all = {
      {"naive", Chunks::one, plain<naive>, anything},
      {"gpipe", Chunks::one, plain<gpipe>, anything},
      {"1f1b", Chunks::one, plain<one_f_one_b>, anything},
      {"eager_1f1b", Chunks::one, plain<eager_1f1b>, anything},
      {"interleaved_1f1b", Chunks::any, interleaved, whole_groups},
      {"looped_bfs", Chunks::any, breadth_first, once},
      {"zb_h1", Chunks::one, plain<zb_h1>, anything},
      {"zb_h2", Chunks::one, plain<zb_h2>, fills_twice},
      {"zb_v", Chunks::two, plain<zb_v>, fills_twice},
      {"v_half", Chunks::two, plain<v_half>, fills_blocks},
      {"v_min", Chunks::two, plain<v_min>, fills_blocks},
      {"dualpipe_v", Chunks::two, plain<dualpipe_v>, twice},
      {"dualpipe", Chunks::one, plain<dualpipe>, even},
      {"forward_only", Chunks::one, plain<forward_only>, anything},
  };
  return all;
}

const Builder& find_builder(const std::string& name) {
  for (const Builder& b : builders())
    if (name == b.name) return b;
  std::string names;
  for (const std::string& n : schedule_names()) names += (names.empty() ? "" : ", ") + n;
  usage_error(text("there is no schedule '", name, "' (schedules: ", names, ")"));
}

std::string objection(const Builder& b, const Sizes& s) {
  if (s.p < 1) return text("--stages ", s.p, " must be at least 1");
  if (s.m < 1) return text("--microbatches ", s.m, " must be at least 1");
  if (b.chunks == Chunks::one && s.v != 1)
    return text("--chunks ", s.v, " must be 1: a stage is not cut here");
  if (b.chunks == Chunks::two && s.v != 2)
    return text("--chunks ", s.v, " must be 2: down and up the V");
  if (s.v < 1) return text("--chunks ", s.v, " must be at least 1");
  if (s.group != 0 && b.build != interleaved)
    return text("--microbatch-group ", s.group, " is for interleaved_1f1b");
  if (s.p > kMostRanks) return text("--stages ", s.p, " must be at most ", kMostRanks);
  const auto items = static_cast<std::int64_t>(s.p) * s.m;  // fits in 64 bits
  if (items > kMostItems || s.v > kMostItems / items)
    return text("--stages ", s.p, " x --microbatches ", s.m, " x --chunks ", s.v, " is more than ",
                kMostItems);
  return b.objection(s);
}

}  // namespace

const std::vector<std::string>& schedule_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Builder& b : builders()) all.push_back(b.name);
    return all;
  }();
  return names;
}

int default_chunks(const std::string& name) {
  return find_builder(name).chunks == Chunks::one ? 1 : 2;
}

Schedule build_schedule(const std::string& name, int ranks, int microbatches, int chunks,
                        int group) {
  const Builder& builder = find_builder(name);
  const Sizes sizes{ranks, microbatches, chunks, group};
  const std::string wrong = objection(builder, sizes);
  if (!wrong.empty()) usage_error(text(name, ": ", wrong));
  return builder.build(sizes);
}

}  // namespace shardpipe
