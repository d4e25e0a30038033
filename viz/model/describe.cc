#include "viz/model/describe.h"

#include <cstdio>
#include <numeric>

#include "core/base/error.h"
#include "core/trace/gap.h"
#include "core/trace/units.h"

namespace shardpipe::viz {
namespace {

std::string rate_text(double flops_per_s) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, flops_per_s < 1e12 ? "%.1f GFLOP/s" : "%.1f TFLOP/s",
                flops_per_s / (flops_per_s < 1e12 ? 1e9 : 1e12));
  return buffer;
}

// " (83 % of the link)"
std::string of_most(double rate, double most, const char* whose) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, " (%.*f %% of %s)", rate < 0.1 * most ? 1 : 0,
                100 * rate / most, whose);
  return buffer;
}

// "layer 3, micro-batch 5"
std::string tags_text(const Tags& tags) {
  std::string words = tags.phase == Phase::none ? "" : name_of(tags.phase);
  const auto add = [&](const char* what, std::int32_t value) {
    if (value >= 0) words += text(words.empty() ? "" : ", ", what, " ", value);
  };
  add("step", tags.step);
  add("stage", tags.stage);
  add("layer", tags.layer);
  add("micro-batch", tags.microbatch);
  return words;
}

class SpanText {
 public:
  SpanText(const TimelineModel& model, const Span& span)
      : model_(model), span_(span), seconds_(static_cast<double>(span.busy_ns()) * 1e-9) {}

  std::string heading() const {
    std::string words = model_.name(span_);
    if (span_.group >= 0) {
      if (span_.sequence >= 0) words += text(" #", span_.sequence);
      words += " of " + model_.trace().groups[static_cast<std::size_t>(span_.group)].label();
    }
    const Lane& lane = model_.trace().lanes[static_cast<std::size_t>(span_.lane)];
    words += text(" on rank ", lane.rank, " ", lane.name, ": ", time_text(span_.busy_ns()),
                  ", from ", time_text(span_.ready_ns), " to ", time_text(span_.end_ns));
    return words;
  }

  std::string work() const {
    std::string words = tags_text(span_.tags);
    const auto add = [&](const std::string& part) { words += (words.empty() ? "" : "; ") + part; };
    if (span_.shape >= 0) add(model_.trace().shapes[static_cast<std::size_t>(span_.shape)]);
    if (span_.bytes > 0) add(bytes_text(static_cast<double>(span_.bytes)));
    if (span_.flops > 0) add(flops());
    if (is_communication(span_.kind) && span_.bytes > 0 && seconds_ > 0) add(bandwidth());
    return words;
  }

  std::string wait() const {
    if (span_.ready_ns <= span_.posted_ns) return "";
    const std::string whom =
        span_.waits_for >= 0 ? text("rank ", span_.waits_for) : std::string("another rank");
    return text("waited ", time_text(span_.ready_ns - span_.posted_ns), " for ", whom,
                " before it began");
  }

 private:
  std::string flops() const {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.3g GFLOP", span_.flops * 1e-9);
    if (seconds_ <= 0) return buffer;
    const double rate = span_.flops / seconds_;
    const std::optional<Hardware>& machine = model_.hardware();
    return text(buffer, " at ", rate_text(rate),
                machine ? of_most(rate, machine->bf16.peak_flops_per_s, "the peak") : "");
  }

  std::string bandwidth() const {
    const double rate = static_cast<double>(span_.bytes) / seconds_;
    if (span_.group < 0) return bandwidth_text(rate);
    const Group& group = model_.trace().groups[static_cast<std::size_t>(span_.group)];
    if (span_.kind == OpKind::exchange) return bandwidth_text(rate) + of_link(rate, group);
    const double bus_rate = rate * bus_factor(span_.kind, group.size());
    return text("bus bandwidth ", bandwidth_text(bus_rate), of_link(bus_rate, group));
  }

  // Of the links inside a node, if all ranks of the group are in one: what goes between nodes
  // shares its link with others, so there is no one figure to reach.
  std::string of_link(double rate, const Group& group) const {
    const std::optional<Hardware>& machine = model_.hardware();
    if (!machine || group.ranks.empty()) return "";
    for (const int rank : group.ranks)
      if (rank / machine->ranks_per_node != group.ranks[0] / machine->ranks_per_node) return "";
    return of_most(rate, machine->inside.bytes_per_s, "the link");
  }

  const TimelineModel& model_;
  const Span& span_;
  double seconds_;
};

}  // namespace

std::vector<std::string> describe(const TimelineModel& model, const Selection& selection) {
  std::vector<std::string> lines;
  if (selection.what == Selection::What::span) {
    const SpanText words(model, model.span(selection.span));
    for (std::string line : {words.heading(), words.work(), words.wait()})
      if (!line.empty()) lines.push_back(std::move(line));
  } else if (selection.what == Selection::What::gap) {
    lines = selection.why.lines();
  }
  return lines;
}

std::string describe_range(const TimelineModel& model, const ViewRange& range) {
  const auto ns = states_in(model, range.begin_ns, range.end_ns);
  const std::int64_t whole_ns = std::accumulate(ns.begin(), ns.end(), std::int64_t{0});
  std::string words =
      text("range of ", time_text(static_cast<std::int64_t>(range.length_ns())), ":");
  for (std::size_t i = 0; i < ns.size(); ++i)
    if (ns[i] > 0)
      words +=
          text(" ", name_of(static_cast<Category>(i)), " ", percent_text(ns[i], whole_ns), ",");
  words.pop_back();
  return words;
}

}  // namespace shardpipe::viz
