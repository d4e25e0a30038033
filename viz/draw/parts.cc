#include "viz/draw/parts.h"

#include <algorithm>
#include <string_view>

#include "core/trace/units.h"

namespace shardpipe::viz {
namespace {

constexpr float kLine = 18;     // pixels from a line of words to the next
constexpr float kColumn = 168;  // of a table, but for its first

// Where the entries of a legend go, line by line. Widths are taken to be those of wide letters.
class Places {
 public:
  Places(float width, const Metrics& metrics) : width_(width), m_(metrics), x_(m_.px(10)) {}

  Point next(Category category) {
    const float letters = static_cast<float>(std::string_view(name_of(category)).size());
    const float entry = m_.px(32) + letters * m_.px(6.6F);
    if (x_ + entry > width_ && x_ > m_.px(10)) {
      x_ = m_.px(10);
      y_ += m_.px(kLine);
    }
    const Point at = {x_, y_};
    x_ += entry;
    return at;
  }

  float height() const { return y_ + m_.px(20); }

 private:
  float width_;
  const Metrics& m_;
  float x_, y_ = 0;
};

// As much of the words as fits, ended by "..".
std::string fitting(const Canvas& canvas, std::string words, float width, Face face) {
  if (canvas.text_width(words, face) <= width) return words;
  const auto is_inside_letter = [&] {  // bytes after the first of a letter are 10xxxxxx
    return (static_cast<unsigned char>(words.back()) & 0xc0U) == 0x80U;
  };
  while (words.size() > 1 && canvas.text_width(words + "..", face) > width) {
    while (words.size() > 1 && is_inside_letter()) words.pop_back();
    words.pop_back();
  }
  return words + "..";
}

}  // namespace

float paint_title(const Paper& paper, float y, const std::string& name,
                  const std::string& summary) {
  Canvas& canvas = paper.canvas;
  const Metrics& m = paper.metrics;
  canvas.clip(paper.box);
  canvas.text({paper.box.x0 + m.px(10), y}, paper.colours.text, name, Face::title);
  const float after = paper.box.x0 + m.px(24) + canvas.text_width(name, Face::title);
  const float drop = canvas.text_height(Face::title) - canvas.text_height(Face::normal);
  const float room = paper.box.x1 - m.px(10) - after;
  canvas.text({after, y + drop * 0.75F}, paper.colours.dim_text,
              fitting(canvas, summary, room, Face::normal), Face::normal);
  canvas.unclip();
  return y + m.px(25);
}

float paint_legend(const Paper& paper, float y, const std::vector<Category>& categories) {
  Canvas& canvas = paper.canvas;
  const Metrics& m = paper.metrics;
  const float height = canvas.text_height(Face::small), side = m.px(10);
  Places places(paper.box.width(), m);
  canvas.clip(paper.box);
  for (const Category category : categories) {
    const Point at = places.next(category);
    const float x = paper.box.x0 + at.x, top = y + at.y;
    const Box swatch = {x, top + (height - side) / 2, x + side, top + (height + side) / 2};
    canvas.fill(swatch, paper.colours.of(category));
    if (category == Category::idle)
      for (float d = 0; d < side; d += m.px(4))
        canvas.line({swatch.x0 + d, swatch.y1}, {swatch.x1, swatch.y0 + d}, paper.colours.hatch,
                    m.scale);
    canvas.text({x + side + m.px(5), top}, paper.colours.dim_text, name_of(category), Face::small);
  }
  canvas.unclip();
  return y + places.height();
}

float legend_height(const std::vector<Category>& categories, float width, const Metrics& metrics) {
  Places places(width, metrics);
  for (const Category category : categories) places.next(category);
  return places.height();
}

float paint_lines(const Paper& paper, const std::vector<std::string>& lines) {
  const Metrics& m = paper.metrics;
  const Box& box = paper.box;
  if (lines.empty()) return box.y1;
  const Box pane = {box.x0, box.y1 - lines_height(lines.size(), m), box.x1, box.y1};
  paper.canvas.clip(pane);
  paper.canvas.fill(pane, paper.colours.lane);
  for (std::size_t i = 0; i < lines.size(); ++i)
    paper.canvas.text({pane.x0 + m.px(10), pane.y0 + m.px(6) + m.px(kLine) * static_cast<float>(i)},
                      i == 0 ? paper.colours.text : paper.colours.dim_text, lines[i], Face::normal);
  paper.canvas.unclip();
  return pane.y0;
}

float lines_height(std::size_t lines, const Metrics& metrics) {
  return lines == 0 ? 0 : metrics.px(kLine) * static_cast<float>(lines) + metrics.px(12);
}

// The first column takes what the others, all of one width, leave; they are narrower where that
// would be too little for names.
void paint_table(const Paper& paper, Point at, float width, const Table& table) {
  const Metrics& m = paper.metrics;
  Canvas& canvas = paper.canvas;
  const float columns = static_cast<float>(table.columns.size() - 1);
  const float first = std::clamp(width - m.px(kColumn) * columns, m.px(190), m.px(260));
  const float column = std::min(m.px(kColumn), (width - first) / columns);
  const auto row = [&](const std::vector<std::string>& cells, Colour colour, Colour last) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool is_last = i > 0 && i + 1 == cells.size();
      const std::string words = fitting(canvas, printable(cells[i], 60),
                                        (i == 0 ? first : column) - m.px(8), Face::small);
      const float right = at.x + first + column * static_cast<float>(i);
      const float x = i == 0 ? at.x : right - canvas.text_width(words, Face::small);
      canvas.text({x, at.y}, is_last ? last : colour, words, Face::small);
    }
    at.y += m.px(kLine);
  };
  row(table.columns, paper.colours.dim_text, paper.colours.dim_text);
  for (const Table::Row& r : table.rows)
    row(r.cells, paper.colours.text,
        r.tone == Tone::good  ? paper.colours.shorter
        : r.tone == Tone::bad ? paper.colours.longer
                              : paper.colours.text);
}

float table_height(const Table& table, const Metrics& metrics) {
  return table.empty() ? 0 : lines_height(table.rows.size() + 1, metrics);
}

float paint_table_pane(const Paper& paper, const Table& table) {
  if (table.empty()) return paper.box.y1;
  const Metrics& m = paper.metrics;
  const Box pane = {paper.box.x0, paper.box.y1 - table_height(table, m), paper.box.x1,
                    paper.box.y1};
  paper.canvas.clip(pane);
  paper.canvas.fill(pane, paper.colours.lane);
  paint_table(paper, {pane.x0 + m.px(10), pane.y0 + m.px(6)}, pane.width() - m.px(20), table);
  paper.canvas.unclip();
  return pane.y0;
}

}  // namespace shardpipe::viz
