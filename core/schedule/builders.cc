#include "core/schedule/builders.h"

#include <algorithm>
#include <cstdint>

#include "core/base/error.h"
#include "core/schedule/families.h"

namespace shardpipe {
namespace {

constexpr std::int64_t kMostItems = 4'000'000;  // (stage, micro-batch): some 200 MB of actions
constexpr int kMostRanks = 4096;                // warm-ups alone are p x p steps

enum class Chunks : std::uint8_t { one, two, any };

struct Builder {
  const char* name;
  Chunks chunks;
  Schedule (*build)(int p, int m, int v);
  // What is wrong with (p, m), in words of the command line; "" if nothing is.
  std::string (*objection)(int p, int m);
};

std::string anything(int, int) { return ""; }

std::string at_least(int m, int least, const char* rule) {
  return m >= least ? "" : text("--microbatches ", m, " must be at least ", least, " (", rule, ")");
}

std::string fills_twice(int p, int m) { return at_least(m, 2 * p - 1, "2 x stages - 1"); }
std::string twice(int p, int m) { return at_least(m, 2 * p, "2 x stages"); }
std::string once(int p, int m) { return at_least(m, p, "stages"); }

std::string multiple(int p, int m) {
  return m % p == 0 ? "" : text("--microbatches ", m, " must be a multiple of --stages ", p);
}

std::string even(int p, int m) {
  if (p % 2 != 0) return text("--stages ", p, " must be even");
  if (m % 2 != 0) return text("--microbatches ", m, " must be even");
  return twice(p, m);
}

const std::vector<Builder>& builders() {
  static const std::vector<Builder> all = {
      {"naive", Chunks::one, [](int p, int m, int) { return naive(p, m); }, anything},
      {"gpipe", Chunks::one, [](int p, int m, int) { return gpipe(p, m); }, anything},
      {"1f1b", Chunks::one, [](int p, int m, int) { return one_f_one_b(p, m); }, anything},
      {"eager_1f1b", Chunks::one, [](int p, int m, int) { return eager_1f1b(p, m); }, anything},
      {"interleaved_1f1b", Chunks::any, interleaved_1f1b, multiple},
      {"looped_bfs", Chunks::any, looped_bfs, once},
      {"zb_h1", Chunks::one, [](int p, int m, int) { return zb_h1(p, m); }, anything},
      {"zb_h2", Chunks::one, [](int p, int m, int) { return zb_h2(p, m); }, fills_twice},
      {"zb_v", Chunks::two, [](int p, int m, int) { return zb_v(p, m); }, fills_twice},
      {"dualpipe_v", Chunks::two, [](int p, int m, int) { return dualpipe_v(p, m); }, twice},
      {"dualpipe", Chunks::one, [](int p, int m, int) { return dualpipe(p, m); }, even},
      {"forward_only", Chunks::one, [](int p, int m, int) { return forward_only(p, m); }, anything},
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

std::string objection(const Builder& b, int p, int m, int v) {
  if (p < 1) return text("--stages ", p, " must be at least 1");
  if (m < 1) return text("--microbatches ", m, " must be at least 1");
  if (b.chunks == Chunks::one && v != 1)
    return text("--chunks ", v, " must be 1: a stage is not cut here");
  if (b.chunks == Chunks::two && v != 2)
    return text("--chunks ", v, " must be 2: down and up the V");
  if (v < 1) return text("--chunks ", v, " must be at least 1");
  if (p > kMostRanks) return text("--stages ", p, " must be at most ", kMostRanks);
  const auto items = static_cast<std::int64_t>(p) * m;  // fits in 64 bits
  if (items > kMostItems || v > kMostItems / items)
    return text("--stages ", p, " x --microbatches ", m, " x --chunks ", v, " is more than ",
                kMostItems);
  return b.objection(p, m);
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

Schedule build_schedule(const std::string& name, int ranks, int microbatches, int chunks) {
  const Builder& builder = find_builder(name);
  const std::string wrong = objection(builder, ranks, microbatches, chunks);
  if (!wrong.empty()) usage_error(text(name, ": ", wrong));
  return builder.build(ranks, microbatches, chunks);
}

}  // namespace shardpipe
