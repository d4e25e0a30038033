// Which algorithm is fastest at which size, as characters; bus bandwidth over size, as SVG.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "core/base/error.h"
#include "core/base/markup.h"
#include "core/base/printable.h"
#include "labs/bench/collectives_report.h"

namespace shardpipe {
namespace {

constexpr int kColumns = 88, kRows = 20, kLabelWidth = 9;  // characters
constexpr double kMostSlowdown = 3;  // log2: what is slower still is not drawn
constexpr double kWidth = 900, kHeight = 480, kLeft = 72, kTop = 52, kRight = 190, kBottom = 52;

// One a curve, in the order of the sweep; native is black.
constexpr std::array<const char*, 10> kColours = {"#000000", "#9a6324", "#2f6db3", "#b0501a",
                                                  "#1f7a6d", "#7d4fa0", "#c2185b", "#5a7d00",
                                                  "#d48806", "#4363d8"};
constexpr std::string_view kLetters = "Nabcdefghij";

std::string format(const char* pattern, double value) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

// Both axes in decades (y) and doublings (x).
struct Range {
  double low = INFINITY, high = -INFINITY;
  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double share(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

struct Point {
  double x = 0, y = 0;  // log2 bytes, log10 bytes/s
};
using Curve = std::vector<Point>;

struct Plot {
  std::vector<Curve> curves = {};
  Range x = {}, y = {};
};

Plot plot_of(const CollectiveSweep& sweep) {
  Plot plot;
  for (const AlgorithmTimes& a : sweep.algorithms) {
    Curve curve;
    for (const TimedSize& p : a.points) {
      curve.push_back({std::log2(p.bytes), std::log10(sweep.bus_factor() * p.bytes / p.seconds)});
      plot.x.include(curve.back().x);
      plot.y.include(curve.back().y);
    }
    plot.curves.push_back(std::move(curve));
  }
  return plot;
}

// log2 of an algorithm's time over that of the fastest one of the same size.
Plot slowdowns_of(const CollectiveSweep& sweep) {
  Plot plot;
  plot.y.include(0);
  const std::size_t sizes = sweep.algorithms[0].points.size();
  plot.curves.resize(sweep.algorithms.size());
  for (std::size_t i = 0; i < sizes; ++i) {
    double fastest_s = INFINITY;
    for (const AlgorithmTimes& a : sweep.algorithms)
      fastest_s = std::min(fastest_s, a.points[i].seconds);
    for (std::size_t c = 0; c < plot.curves.size(); ++c) {
      const TimedSize& p = sweep.algorithms[c].points[i];
      plot.curves[c].push_back({std::log2(p.bytes), std::log2(p.seconds / fastest_s)});
      plot.x.include(plot.curves[c].back().x);
      plot.y.include(std::min(plot.curves[c].back().y, kMostSlowdown));
    }
  }
  return plot;
}

double height_at(const Curve& curve, double x) {
  std::size_t i = 1;
  while (i + 1 < curve.size() && curve[i].x < x) ++i;
  const Point &a = curve[i - 1], &b = curve[i];
  return a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x);
}

void draw_curve(const Plot& plot, std::size_t i, std::vector<std::string>& rows) {
  for (int column = 0; column < kColumns; ++column) {
    const double x = plot.x.low + (plot.x.high - plot.x.low) * column / (kColumns - 1);
    const double y = height_at(plot.curves[i], x);
    if (y > plot.y.high) continue;
    const auto row =
        static_cast<std::size_t>(kRows - 1 - std::lround(plot.y.share(y) * (kRows - 1)));
    char& cell = rows[row][static_cast<std::size_t>(column)];
    cell = cell == ' ' ? kLetters[i] : '*';
  }
}

std::string rate_name(double log10_rate) { return format("%.3g", std::pow(10, log10_rate - 9)); }

std::string bytes_name(double log2_bytes) {
  const double bytes = std::exp2(log2_bytes);
  return bytes >= 1 << 20 ? format("%.0f MiB", bytes / (1 << 20))
                          : format("%.0f KiB", bytes / 1024);
}

std::string legend_line(const CollectiveSweep& sweep) {
  std::string out, line;
  for (std::size_t i = 0; i < sweep.algorithms.size(); ++i) {
    const std::string entry = text(kLetters[i], " ", sweep.algorithms[i].name, "   ");
    if (line.size() + entry.size() > kColumns) {
      out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
      line.clear();
    }
    line += entry;
  }
  return out + line + "* several\n";
}

class Svg {
 public:
  explicit Svg(const CollectiveSweep& sweep) : sweep_(sweep), plot_(plot_of(sweep)) {}

  std::string run() {
    out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << kWidth << "\" height=\""
         << kHeight << "\" font-family=\"sans-serif\" font-size=\"12\">\n"
         << "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
    label(8, 20,
          text(name_of(sweep_.bench.kind), ", ", sweep_.bench.ranks,
               " ranks, f32: ", escaped(sweep_.clock())),
          " font-size=\"14\" font-weight=\"bold\"");
    label(8, 40, "bus bandwidth, GB/s");
    axes();
    for (std::size_t i = 0; i < plot_.curves.size(); ++i) curve(i);
    out_ << "</svg>\n";
    return out_.str();
  }

 private:
  static std::string px(double value) { return format("%.1f", value); }

  double x(double v) const { return kLeft + (kWidth - kLeft - kRight) * plot_.x.share(v); }
  double y(double v) const {
    return kHeight - kBottom - (kHeight - kTop - kBottom) * plot_.y.share(v);
  }

  void label(double at_x, double at_y, const std::string& words, const std::string& more = "") {
    out_ << "<text x=\"" << px(at_x) << "\" y=\"" << px(at_y) << "\"" << more << ">" << words
         << "</text>\n";
  }

  void line(double x1, double y1, double x2, double y2) {
    out_ << "<line x1=\"" << px(x1) << "\" y1=\"" << px(y1) << "\" x2=\"" << px(x2) << "\" y2=\""
         << px(y2) << "\" stroke=\"#d0d0d0\"/>\n";
  }

  void axes() {
    for (const Point& p : plot_.curves[0]) {
      line(x(p.x), kTop, x(p.x), kHeight - kBottom + 4);
      label(x(p.x), kHeight - kBottom + 20, bytes_name(p.x), " text-anchor=\"middle\"");
    }
    const double low = std::floor(plot_.y.low), high = std::ceil(plot_.y.high);
    for (double decade = low; decade <= high; ++decade)
      for (const double digit : {1.0, 2.0, 5.0}) {
        const double at = decade + std::log10(digit);
        if (at < plot_.y.low || at > plot_.y.high) continue;
        line(kLeft - 4, y(at), kWidth - kRight, y(at));
        label(kLeft - 8, y(at) + 4, rate_name(at), " text-anchor=\"end\"");
      }
    label(kLeft, kHeight - 12, "bytes of the full tensor");
  }

  void curve(std::size_t i) {
    const char* colour = kColours[i % kColours.size()];
    out_ << "<polyline fill=\"none\" stroke=\"" << colour << "\" stroke-width=\"2\""
         << (i == 0 ? " stroke-dasharray=\"6 3\"" : "") << " points=\"";
    for (const Point& p : plot_.curves[i]) out_ << px(x(p.x)) << "," << px(y(p.y)) << " ";
    out_ << "\"/>\n";
    const double at = kTop + 20 * static_cast<double>(i) + 8;
    out_ << "<rect x=\"" << px(kWidth - kRight + 16) << "\" y=\"" << px(at - 10)
         << "\" width=\"14\" height=\"12\" fill=\"" << colour << "\"/>\n";
    label(kWidth - kRight + 36, at, sweep_.algorithms[i].name);
  }

  const CollectiveSweep& sweep_;
  Plot plot_;
  std::ostringstream out_;
};

}  // namespace

std::string terminal_plot(const CollectiveSweep& sweep) {
  const Plot plot = slowdowns_of(sweep);
  std::vector<std::string> rows(kRows, std::string(kColumns, ' '));
  for (std::size_t i = 0; i < plot.curves.size(); ++i) draw_curve(plot, i, rows);
  std::string out = text("time over the fastest, ", printable(sweep.clock()), "\n");
  for (int row = 0; row < kRows; ++row) {
    const double y = plot.y.high - plot.y.high * row / (kRows - 1);
    std::string& line = rows[static_cast<std::size_t>(row)];
    line.erase(line.find_last_not_of(' ') + 1);
    out += (row % 5 == 0 || row == kRows - 1 ? format("%7.2fx |", std::exp2(y))
                                             : std::string(kLabelWidth, ' ') + "|") +
           line + "\n";
  }
  const std::string first = bytes_name(plot.x.low), last = bytes_name(plot.x.high);
  return out + std::string(kLabelWidth + 1, ' ') + first +
         std::string(kColumns - first.size() - last.size(), ' ') + last + "\n" + legend_line(sweep);
}

std::string svg_plot(const CollectiveSweep& sweep) { return Svg(sweep).run(); }

}  // namespace shardpipe
