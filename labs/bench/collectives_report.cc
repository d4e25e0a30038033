#include "labs/bench/collectives_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace shardpipe {
namespace {

constexpr std::size_t kNameWidth = 20, kCellWidth = 7;

std::string format(const char* pattern, double value) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

std::string right(const std::string& s, std::size_t width) {
  return s.size() >= width ? s : std::string(width - s.size(), ' ') + s;
}

std::string left(const std::string& s, std::size_t width) {
  return s.size() >= width ? s : s + std::string(width - s.size(), ' ');
}

// At most six characters.
std::string number(double value) {
  if (!std::isfinite(value)) return "inf";
  if (std::abs(value) >= 1e5) return format("%.1e", value);
  return format(std::abs(value) < 0.1 ? "%.2g" : std::abs(value) < 100 ? "%.3g" : "%.0f", value);
}

std::string size_name(double bytes) {
  if (bytes >= 1 << 20) return format("%.4gM", std::round(bytes / (1 << 20)));
  return format("%.4gK", std::round(bytes / 1024));
}

using Cell = std::function<double(const TimedSize&)>;

// A row an algorithm, a column a size.
std::string table(const CollectiveSweep& sweep, const std::string& title, const Cell& cell) {
  std::string out = left(title, kNameWidth);
  for (const TimedSize& p : sweep.algorithms[0].points)
    out += right(size_name(p.bytes), kCellWidth);
  out += "\n";
  for (const AlgorithmTimes& a : sweep.algorithms) {
    out += left(a.name, kNameWidth);
    for (const TimedSize& p : a.points) out += right(number(cell(p)), kCellWidth);
    out += "\n";
  }
  return out + "\n";
}

std::string fits(const CollectiveSweep& sweep) {
  std::string out = left("alpha + bytes / rate", kNameWidth) +
                    "   alpha us  rate GB/s  worst error of the line\n";
  for (const AlgorithmTimes& a : sweep.algorithms)
    out += text(left(a.name, kNameWidth), right(number(a.fit.latency_s * 1e6), 11),
                right(number(a.fit.bytes_per_s / 1e9), 11),
                right(format("%.0f %%", 100 * a.worst_error), 25), "\n");
  return out + "\n";
}

// Rows of rivals over rows of ours: above 1, ours is faster.
std::string ratios(const CollectiveSweep& sweep) {
  if (sweep.rivals.empty()) return "";
  const std::vector<TimedSize>& sizes = sweep.algorithms[0].points;
  std::string out = left("time over ours", kNameWidth);
  for (const TimedSize& p : sizes) out += right(size_name(p.bytes), kCellWidth);
  const auto row = [&](const AlgorithmTimes& rival, const char* ours, auto seconds_of) {
    out += "\n" + left(text(rival.name, " / ", ours), kNameWidth);
    for (std::size_t i = 0; i < sizes.size(); ++i)
      out += right(number(rival.points[i].seconds / seconds_of(i)), kCellWidth);
  };
  const auto native = [&](std::size_t i) { return sweep.algorithms[0].points[i].seconds; };
  const auto fastest = [&](std::size_t i) {
    double least = native(i);
    for (const AlgorithmTimes& a : sweep.algorithms) least = std::min(least, a.points[i].seconds);
    return least;
  };
  for (const AlgorithmTimes& rival : sweep.rivals) {
    row(rival, "native", native);
    row(rival, "fastest", fastest);
  }
  return out + "\n\n";
}

std::string rivals(const CollectiveSweep& sweep) {
  std::string out;
  if (!sweep.rivals.empty()) {
    CollectiveSweep others = sweep;
    others.algorithms = sweep.rivals;
    out = table(others, "others: time, us", [](const TimedSize& p) { return p.seconds * 1e6; }) +
          ratios(sweep);
  }
  for (const std::string& note : sweep.notes) out += printable(note) + "\n";
  return out + (sweep.notes.empty() ? "" : "\n");
}

Json points_json(const CollectiveSweep& sweep, const AlgorithmTimes& times) {
  Json points = Json::list();
  for (const TimedSize& p : times.points)
    points.push_back({{"bytes", p.bytes},
                      {"time_s", p.seconds},
                      {"algbw_bytes_per_s", p.bytes / p.seconds},
                      {"busbw_bytes_per_s", sweep.bus_factor() * p.bytes / p.seconds}});
  return points;
}

}  // namespace

std::string to_text(const CollectiveSweep& sweep) {
  const CollectiveBench& b = sweep.bench;
  const double factor = sweep.bus_factor();
  return text(name_of(b.kind), ", ", b.ranks, " ranks, f32, ", printable(sweep.clock()), "\n\n") +
         table(sweep, "time, us", [](const TimedSize& p) { return p.seconds * 1e6; }) +
         table(sweep, "algbw, GB/s", [](const TimedSize& p) { return p.bytes / p.seconds / 1e9; }) +
         table(sweep, "busbw, GB/s",
               [&](const TimedSize& p) { return factor * p.bytes / p.seconds / 1e9; }) +
         rivals(sweep) + fits(sweep) + terminal_plot(sweep);
}

Json to_json(const CollectiveSweep& sweep) {
  const CollectiveBench& b = sweep.bench;
  Json algorithms = Json::list(), others = Json::list();
  for (const AlgorithmTimes& a : sweep.algorithms) {
    algorithms.push_back({{"name", a.name},
                          {"fit",
                           {{"alpha_s", a.fit.latency_s},
                            {"bytes_per_s", a.fit.bytes_per_s},
                            {"worst_error", a.worst_error}}},
                          {"points", points_json(sweep, a)}});
  }
  for (const AlgorithmTimes& rival : sweep.rivals)
    others.push_back({{"name", rival.name}, {"points", points_json(sweep, rival)}});
  return {{"subject", "collectives"},
          {"kind", name_of(b.kind)},
          {"ranks", b.ranks},
          {"device", b.device},
          {"hardware", b.is_modelled() ? Json(b.hardware) : Json(nullptr)},
          {"clock", b.is_modelled() ? "modelled" : "measured"},
          {"dtype", "f32"},
          {"algorithms", algorithms},
          {"rivals", others},
          {"notes", sweep.notes}};
}

}  // namespace shardpipe
