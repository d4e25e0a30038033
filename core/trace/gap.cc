#include "core/trace/gap.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/base/error.h"
#include "core/trace/rank_rows.h"
#include "core/trace/units.h"

namespace shardpipe {
namespace {

constexpr std::size_t kLongestChain = 12;

class Search {
 public:
  Search(const Trace& trace, int rank, std::int64_t begin_ns, std::int64_t end_ns)
      : trace_(trace),
        ranks_(trace.ranks()),
        reason_{rank, begin_ns, end_ns, {}},
        until_ns_(end_ns) {}

  GapReason run() {
    const std::int32_t next = first_at_or_after(reason_.rank, reason_.end_ns);
    if (next < 0)
      link(reason_.rank, -1, "it has no operation left");
    else
      follow(next);
    return std::move(reason_);
  }

 private:
  const Span& at(std::int32_t i) const { return trace_.spans[static_cast<std::size_t>(i)]; }
  int rank_of(const Span& s) const { return trace_.lanes[static_cast<std::size_t>(s.lane)].rank; }

  void link(int rank, std::int32_t span, const std::string& words) {
    link(rank, span, words, until_ns_);
  }
  // The rank was at work from since_ns on.
  void link(int rank, std::int32_t span, const std::string& words, std::int64_t since_ns) {
    since_ns = std::min(std::max(since_ns, reason_.begin_ns), until_ns_);
    reason_.chain.push_back({rank, span, words, since_ns, until_ns_});
  }

  // Calls f(index, span) for each span of a rank.
  template <class F>
  void each(int rank, const F& f) const {
    const auto first = std::partition_point(trace_.spans.begin(), trace_.spans.end(),
                                            [&](const Span& s) { return rank_of(s) < rank; });
    for (auto s = first; s != trace_.spans.end() && rank_of(*s) == rank; ++s)
      f(static_cast<std::int32_t>(s - trace_.spans.begin()), *s);
  }

  // What ends the gap: of the operations that get going first, one that had waited if there is one.
  std::int32_t first_at_or_after(int rank, std::int64_t at_ns) const {
    std::int32_t found = -1;
    const auto order = [](const Span& s) {
      return std::tuple(s.ready_ns, s.posted_ns == s.ready_ns);
    };
    each(rank, [&](std::int32_t i, const Span& s) {
      if (s.ready_ns >= at_ns && (found < 0 || order(s) < order(at(found)))) found = i;
    });
    return found;
  }

  // What the rank did up to a moment: the operation that ended last until then, or still runs and
  // began before.
  std::int32_t last_until(int rank, std::int64_t at_ns, std::int32_t except) const {
    std::int32_t found = -1;
    each(rank, [&](std::int32_t i, const Span& s) {
      if (i == except || s.end_ns > at_ns) return;
      if (found < 0 || s.end_ns > at(found).end_ns) found = i;
    });
    return found;
  }

  // The compute span whose result `s` needs from another stage; -1 if tags do not say.
  std::int32_t producer_of(const Span& s) const {
    const Tags& t = s.tags;
    const bool is_forward = t.phase == Phase::forward;
    const bool is_backward = t.phase == Phase::backward || t.phase == Phase::backward_input;
    if (t.stage < 0 || t.microbatch < 0 || !(is_forward || is_backward)) return -1;
    std::int32_t found = -1;
    for (int rank = 0; rank < ranks_; ++rank)
      each(rank, [&](std::int32_t i, const Span& p) {
        const bool is_source = !is_communication(p.kind) && p.tags.phase == t.phase &&
                               p.tags.step == t.step && p.tags.microbatch == t.microbatch &&
                               p.tags.stage == t.stage + (is_forward ? -1 : 1) &&
                               p.end_ns <= s.ready_ns;
        if (is_source && (found < 0 || p.end_ns > at(found).end_ns)) found = i;
      });
    return found;
  }

  std::string when(std::int64_t ns) const { return time_text(ns); }

  std::string operation(const Span& s) const {
    std::string words = trace_.names[static_cast<std::size_t>(s.name)];
    if (is_communication(s.kind) && s.sequence >= 0) words += text(" #", s.sequence);
    if (is_communication(s.kind) && s.group >= 0)
      words += text(" of ", trace_.groups[static_cast<std::size_t>(s.group)].label());
    std::string tags;
    if (s.tags.layer >= 0) tags += text("layer ", s.tags.layer);
    if (s.tags.microbatch >= 0)
      tags += text(tags.empty() ? "" : ", ", "micro-batch ", s.tags.microbatch);
    return tags.empty() ? words : words + " (" + tags + ")";
  }

  // Why the operation got going only when it did.
  void follow(std::int32_t i) {
    const Span& s = at(i);
    if (s.ready_ns > s.posted_ns && s.waits_for >= 0 && s.waits_for < ranks_) {
      link(rank_of(s), i, text(operation(s), " waits for rank ", s.waits_for));
      blame(s.waits_for, s.ready_ns, i);
    } else if (const std::int32_t p = producer_of(s); p >= 0 && rank_of(at(p)) != rank_of(s)) {
      link(rank_of(s), i, text(operation(s), " needs the result of rank ", rank_of(at(p))));
      await(p);
    } else if (s.ready_ns > s.posted_ns) {
      link(rank_of(s), i,
           text(operation(s), " waits for another rank; the trace does not say which"));
    } else {
      link(rank_of(s), i, text("the host submits ", operation(s), " only at ", when(s.ready_ns)));
    }
  }

  // What the rank that came last did until it came.
  void blame(int rank, std::int64_t at_ns, std::int32_t except) {
    until_ns_ = at_ns;
    const std::int32_t i = last_until(rank, at_ns, except);
    if (never_ended(trace_, at(except)) && blame_for_ever(rank, i)) return;
    if (i < 0 || at(i).end_ns <= reason_.begin_ns) {
      link(rank, i, text("had nothing submitted until ", when(at_ns)));
      return;
    }
    const Span& s = at(i);
    const bool had_waited = s.ready_ns > s.posted_ns && s.ready_ns > reason_.begin_ns &&
                            s.waits_for >= 0 && s.waits_for < ranks_;
    if (!is_communication(s.kind) || !had_waited || reason_.chain.size() >= kLongestChain) {
      busy_until(rank, i);
      return;
    }
    link(rank, i, text("was in ", operation(s), ", which waited for rank ", s.waits_for),
         s.ready_ns);
    blame(s.waits_for, s.ready_ns, i);
  }

  // The rank that was waited for when the run failed. False: it was at work, or waited itself.
  bool blame_for_ever(int rank, std::int32_t last) {
    if (last < 0) {
      link(rank, -1, "never came: nothing that it did is recorded");
      return true;
    }
    const auto is_told = [&](const GapLink& l) { return l.span == last; };
    if (std::any_of(reason_.chain.begin(), reason_.chain.end(), is_told)) {
      link(rank, last, "waits there itself: a circle");
      return true;
    }
    if (never_ended(trace_, at(last))) return false;
    link(rank, last,
         text("never came: the last that it did was ", operation(at(last)), ", until ",
              when(at(last).end_ns)));
    return true;
  }

  // The rank that came last was at work. If it began only inside the gap, the chain goes on with
  // what it had waited for before.
  void busy_until(int rank, std::int32_t last) {
    const Span& s = at(last);
    const std::string what = is_communication(s.kind) ? "was in " : "computed ";
    const std::int32_t first = first_of_work(rank, last);
    const Span& f = at(first);
    const bool had_waited = f.ready_ns > f.posted_ns && f.waits_for >= 0 && f.waits_for < ranks_;
    if (f.ready_ns <= reason_.begin_ns || !had_waited || reason_.chain.size() >= kLongestChain) {
      link(rank, last, text(what, operation(s), " until ", when(s.end_ns)), f.ready_ns);
      return;
    }
    link(rank, last,
         text("was at work only from ", when(f.ready_ns), " until ", when(s.end_ns),
              "; before, its ", operation(f), " waited for rank ", f.waits_for),
         f.ready_ns);
    blame(f.waits_for, f.ready_ns, first);
  }

  // Where the work without a pause began that `last` ends. Pauses below 1 % of the gap do not
  // count.
  std::int32_t first_of_work(int rank, std::int32_t last) const {
    const std::int64_t pause_ns = (reason_.end_ns - reason_.begin_ns) / 100;
    std::vector<std::int32_t> spans;
    each(rank, [&](std::int32_t i, const Span& s) {
      if (s.end_ns <= at(last).end_ns && s.end_ns > reason_.begin_ns) spans.push_back(i);
    });
    std::stable_sort(spans.begin(), spans.end(), [this](std::int32_t a, std::int32_t b) {
      return at(a).end_ns > at(b).end_ns;
    });
    std::int32_t first = last;
    for (const std::int32_t i : spans) {
      if (at(i).end_ns < at(first).ready_ns - pause_ns) break;
      if (at(i).ready_ns < at(first).ready_ns) first = i;
    }
    return first;
  }

  // The producer of what was needed: was it at work all the time, or did it wait itself?
  void await(std::int32_t i) {
    const Span& s = at(i);
    until_ns_ = s.end_ns;
    const std::string until =
        text("computed ", operation(s), " from ", when(s.ready_ns), " until ", when(s.end_ns));
    const std::int32_t before = last_until(rank_of(s), s.ready_ns, i);
    const std::int64_t free_ns = before < 0 ? 0 : at(before).end_ns;
    const std::int32_t p = producer_of(s);
    const bool waited = free_ns < s.ready_ns && s.ready_ns > reason_.begin_ns && p >= 0 &&
                        reason_.chain.size() < kLongestChain;
    if (!waited) {
      link(rank_of(s), i, until, s.ready_ns);
      return;
    }
    link(rank_of(s), i, until + text(", for it needed the result of rank ", rank_of(at(p))),
         s.ready_ns);
    await(p);
  }

  const Trace& trace_;
  const int ranks_;
  GapReason reason_;
  std::int64_t until_ns_;  // of the next link
};

}  // namespace

std::string GapReason::heading() const {
  const std::string who =
      alike.size() > 1 ? label_of(alike) + " are idle " : text("rank ", rank, " is idle ");
  return who + time_text(end_ns - begin_ns);
}

std::string GapReason::sentence() const {
  std::string words = heading() + ": ";
  for (std::size_t i = 0; i < chain.size(); ++i)
    words += (i == 0 ? "" : ", which ") + chain[i].words;
  return words;
}

std::vector<std::string> GapReason::lines() const {
  std::vector<std::string> lines = {
      text(heading(), ", from ", time_text(begin_ns), " to ", time_text(end_ns), ". Why:")};
  for (const GapLink& link : chain)
    lines.push_back(lines.size() == 1 ? link.words : text("rank ", link.rank, " ", link.words));
  return lines;
}

GapReason why_gap(const Trace& trace, int rank, std::int64_t begin_ns, std::int64_t end_ns) {
  return Search(trace, rank, begin_ns, end_ns).run();
}

}  // namespace shardpipe
