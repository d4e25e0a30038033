// What pages are put together from, beside timelines.
#pragma once

#include <string>
#include <vector>

#include "viz/draw/canvas.h"
#include "viz/draw/layout.h"
#include "viz/draw/palette.h"
#include "viz/model/table.h"

namespace shardpipe::viz {

struct Paper {
  Canvas& canvas;
  const Palette& colours;
  Metrics metrics;
  Box box;  // of the page, or of its part
};

// Each paints from `y` on and returns where the next part may begin.
float paint_title(const Paper& paper, float y, const std::string& name, const std::string& summary);
float paint_legend(const Paper& paper, float y, const std::vector<Category>& categories);

// As paint_legend takes; known before there is a canvas.
float legend_height(const std::vector<Category>& categories, float width, const Metrics& metrics);

// A pane at the bottom of the page with these lines, the first one stressed; returns its upper
// edge.
float paint_lines(const Paper& paper, const std::vector<std::string>& lines);
float lines_height(std::size_t lines, const Metrics& metrics);

// A table with its upper left corner at `at`; `width` is what it may take.
void paint_table(const Paper& paper, Point at, float width, const Table& table);
float table_height(const Table& table, const Metrics& metrics);  // 0 for an empty one

// A pane at the bottom of the page with a table; returns its upper edge.
float paint_table_pane(const Paper& paper, const Table& table);

}  // namespace shardpipe::viz
