#include "tests/schedule/closed_forms.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "core/schedule/families.h"

namespace shardpipe {
namespace {

double work(const Costs& c) { return c.F + c.I + c.W; }
bool are_equal(const Costs& c) { return c.F == c.I && c.I == c.W; }

// In and out past p-1 other ranks, once in each direction; v times less with chunks.
double once_through(const Size& s, const Costs& c) {
  return (s.m + static_cast<double>(s.p - 1) / s.v) * work(c);
}

std::vector<ClosedForm> plain_forms() {
  return {
      {.name = "naive",
       .makespan_words = "mp(F+B)",
       .peak_words = "1",
       .wins = "never; it is what happens without a schedule",
       .makespan = [](const Size& s, const Costs& c) { return s.m * s.p * work(c); },
       .peak = [](const Size&, int) { return 1; }},
      {.name = "gpipe",
       .makespan_words = "(m+p-1)(F+B)",
       .peak_words = "m",
       .wins = "slow links and memory to spare; forwards can be recomputed",
       .makespan = once_through,
       .peak = [](const Size& s, int) { return s.m; }},
      {.name = "1f1b",
       .makespan_words = "(m+p-1)(F+B)",
       .peak_words = "min(m, p-r)",
       .wins = "memory is short and stages are whole; cut in a V, `v_half` and `v_min` hold less",
       .makespan = once_through,
       .peak = [](const Size& s, int r) { return std::min(s.m, s.p - r); }},
      {.name = "eager_1f1b",
       .makespan_words = "(m+p-1)(F+B)",
       .peak_words = "min(m, 2(p-r)-1)",
       .wins = "a message takes up to half of F+B: its time is hidden",
       .makespan = once_through,
       .peak = [](const Size& s, int r) { return std::min(s.m, 2 * (s.p - r) - 1); }},
      {.name = "interleaved_1f1b",
       .makespan_words = "(m+(p-1)/v)(F+B), for m >= p",
       .peak_words = "min(mv, (v-1)N + 2(p-1-r) + 1), in groups of N",
       .wins = "fast links and few micro-batches",
       .makespan = once_through,
       .peak =
           [](const Size& s, int r) {
             const int group = default_group(s.p, s.m);
             return std::min(s.m * s.v, (s.v - 1) * group + 2 * (s.p - 1 - r) + 1);
           },
       .holds = [](const Size& s, const Costs&) { return s.m >= s.p; }},
      {.name = "looped_bfs",
       .makespan_words = "(m+(p-1)/v)(F+B)",
       .peak_words = "mv",
       .wins = "weights are sharded over data parallel ranks: each is gathered once a direction",
       .makespan = once_through,
       .peak = [](const Size& s, int) { return s.m * s.v; }},
  };
}

std::vector<ClosedForm> split_forms() {
  return {
      {.name = "zb_h1",
       .makespan_words = "m(F+I+W) + (p-1)(F+I-W), for m >= p, W <= F and W <= I",
       .peak_words = "min(m, p)",
       .wins = "a smaller bubble for the memory of 1f1b's rank 0 on all ranks",
       .makespan = [](const Size& s,
                      const Costs& c) { return s.m * work(c) + (s.p - 1) * (c.F + c.I - c.W); },
       .peak = [](const Size& s, int) { return std::min(s.m, s.p); },
       .holds = [](const Size& s,
                   const Costs& c) { return s.m >= s.p && c.W <= c.F && c.W <= c.I; }},
      {.name = "zb_h2",
       .makespan_words = "m(F+I+W) + (p-1)F, for I <= 2F and I <= 2W",
       .peak_words = "2p-1",
       .wins = "memory to spare, and an optimizer step that need not wait for all ranks",
       .makespan = [](const Size& s, const Costs& c) { return s.m * work(c) + (s.p - 1) * c.F; },
       .peak = [](const Size& s, int) { return 2 * s.p - 1; },
       .holds = [](const Size&, const Costs& c) { return c.I <= 2 * c.F && c.I <= 2 * c.W; }},
      {.name = "zb_v",
       .makespan_words = "m(F+I+W) + (p-1)F/2, for F = I and W <= I <= 2W",
       .peak_words = "2p",
       .wins = "as zb_h2, in half its memory, where F, I and W are about equal",
       .makespan = [](const Size& s,
                      const Costs& c) { return s.m * work(c) + (s.p - 1) * c.F / 2; },
       .peak = [](const Size& s, int) { return 2 * s.p; },
       .holds = [](const Size&,
                   const Costs& c) { return c.F == c.I && c.W <= c.I && c.I <= 2 * c.W; }},
      {.name = "v_half",
       .makespan_words = "m(F+B) + (3p-7)F/2, p odd: (3p-4)F/2; for F = I = W, p >= 3",
       .peak_words = "2 floor((p+2)/2)",
       .wins = "little more than half of 1f1b's memory buys a smaller bubble, where F, I and W are "
               "about equal",
       .makespan =
           [](const Size& s, const Costs& c) {
             return s.m * work(c) + (3 * s.p - (s.p % 2 == 0 ? 7 : 4)) * c.F / 2;
           },
       .peak = [](const Size& s, int) { return 2 * ((s.p + 2) / 2); },
       .holds = [](const Size& s, const Costs& c) { return s.p > 2 && are_equal(c); }},
      {.name = "v_min",
       .makespan_words = "m(F+B) + (4p-5)F/2, 3 divides p: (4p-7)F/2; for F = I = W, p >= 2",
       .peak_words = "2 floor((p+4)/3), 1 less on rank 0 where p-2 is a multiple of 3",
       .wins = "nothing else fits: a third of 1f1b's memory, and F, I and W nearly equal",
       .makespan =
           [](const Size& s, const Costs& c) {
             return s.m * work(c) + (4 * s.p - (s.p % 3 == 0 ? 7 : 5)) * c.F / 2;
           },
       .peak = [](const Size& s,
                  int r) { return 2 * ((s.p + 4) / 3) - (s.p % 3 == 2 && r == 0 ? 1 : 0); },
       .holds = [](const Size& s, const Costs& c) { return s.p > 1 && are_equal(c); }},
      {.name = "dualpipe_v",
       .makespan_words = "m(F+B) + (p-1)(F+2B-3W)/2, for F = I = W",
       .peak_words = "2p+1",
       .wins = "messages are large (experts): they hide under the other half of a block",
       .makespan =
           [](const Size& s, const Costs& c) {
             return s.m * work(c) + (s.p - 1) * (c.F + 2 * c.I - c.W) / 2;
           },
       .peak = [](const Size& s, int) { return 2 * s.p + 1; },
       .holds = [](const Size&, const Costs& c) { return are_equal(c); }},
      {.name = "dualpipe",
       .makespan_words = "m(F+B) + (p/2-1)(F+2B-3W), for F = I = W",
       .peak_words = "p+1",
       .wins = "as dualpipe_v, where the weights fit twice",
       .makespan =
           [](const Size& s, const Costs& c) {
             return s.m * work(c) + (s.p / 2 - 1) * (c.F + 2 * c.I - c.W);
           },
       .peak = [](const Size& s, int) { return s.p + 1; },
       .holds = [](const Size&, const Costs& c) { return are_equal(c); }},
      {.name = "forward_only",
       .makespan_words = "(m+p-1)F",
       .peak_words = "1",
       .wins = "inference",
       .makespan = [](const Size& s, const Costs& c) { return (s.m + s.p - 1) * c.F; },
       .peak = [](const Size&, int) { return 1; }},
  };
}

}  // namespace

const std::vector<ClosedForm>& closed_forms() {
  static const std::vector<ClosedForm> all = [] {
    std::vector<ClosedForm> forms = plain_forms();
    for (ClosedForm& form : split_forms()) forms.push_back(form);
    return forms;
  }();
  return all;
}

const ClosedForm& closed_form(const std::string& name) {
  for (const ClosedForm& form : closed_forms())
    if (name == form.name) return form;
  fail("no closed form for " + name);
}

std::vector<Size> valid_sizes(const std::string& name) {
  std::vector<Size> sizes;
  for (int v = 1; v <= 4; ++v)
    for (int p = 1; p <= 8; ++p)
      for (int m = 1; m <= 32; ++m) try {
          build_schedule(name, p, m, v);
          sizes.push_back({p, m, v});
        } catch (const Error&) {
        }
  require(!sizes.empty(), "a schedule without a valid size");
  return sizes;
}

const std::vector<Costs>& cost_triples() {
  static const std::vector<Costs> all = {{1, 1, 1}, {2, 2, 1}, {1, 1.5, 0.5}, {3, 3, 2},
                                         {1, 2, 1}, {2, 1, 1}, {1, 1, 2},     {1, 3, 1}};
  return all;
}

}  // namespace shardpipe
