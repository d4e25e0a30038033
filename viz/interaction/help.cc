#include "viz/interaction/help.h"

namespace shardpipe::viz {
namespace {

void paint_pane(Canvas& canvas, const Box& pane, const Metrics& m, const Palette& colours) {
  canvas.fill(pane, colours.background);
  canvas.outline(pane, colours.dim_text, m.px(1));
}

}  // namespace

const std::vector<std::pair<std::string, std::string>>& all_keys() {
  static const std::vector<std::pair<std::string, std::string>> keys = {
      {"W  S", "zoom in and out at the mouse"},
      {"A  D, arrows", "pan"},
      {"wheel", "zoom at the mouse (Ctrl: finer, Shift: faster); over the names: scroll"},
      {"left click", "select a span, or an idle stretch: why is it idle?"},
      {"left drag", "measure a range: totals of all ranks"},
      {"right drag, space drag", "pan"},
      {"middle click, F", "fit the span or stretch"},
      {"0", "the whole trace"},
      {",  .", "the span before, after in its stream"},
      {"[  ]", "the same collective, or the other side, on another rank"},
      {"M, Shift+M", "set a mark at the mouse, remove all marks"},
      {"/", "search names: Enter finds the next, Esc ends"},
      {"B", "bubbles: hatch idle time"},
      {"O", "outline exposed communication"},
      {"X", "arrows of the selection"},
      {"P", "critical path"},
      {"I", "if it took no time: the wall without each kind of operation"},
      {"H", "hardware: what its profile predicts, beside what was measured"},
      {"G", "ghosts: the run's own schedule, undisturbed"},
      {"Tab", "of two traces: both, the first, the second alone"},
      {"Shift and left drag", "move the second trace against the first"},
      {"=", "first steps together again"},
      {"N", "in the playground: the next challenge"},
      {"C", "collapse or unfold the rank under the mouse"},
      {"L", "light or dark"},
      {"?", "these keys"},
      {"Esc", "close, clear the selection"},
  };
  return keys;
}

void paint_help(Canvas& canvas, const Box& page, const Metrics& m, const Palette& colours) {
  const float line = m.px(20), height = line * static_cast<float>(all_keys().size()) + m.px(20);
  const float width = m.px(640), x = page.x0 + (page.width() - width) / 2;
  const float top = page.y0 + (page.height() - height) / 2;
  canvas.clip(page);
  paint_pane(canvas, {x, top, x + width, top + height}, m, colours);
  float y = top + m.px(10);
  for (const auto& [key, what] : all_keys()) {
    canvas.text({x + m.px(16), y}, colours.text, key, Face::normal);
    canvas.text({x + m.px(190), y}, colours.dim_text, what, Face::normal);
    y += line;
  }
  canvas.unclip();
}

void paint_hint(Canvas& canvas, const Box& page, const Metrics& m, const Palette& colours) {
  canvas.clip(page);
  canvas.text({page.x1 - m.px(110), page.y1 - m.px(20)}, colours.dim_text, "?  all keys",
              Face::small);
  canvas.unclip();
}

void paint_search(Canvas& canvas, const Box& page, const Metrics& m, const Palette& colours,
                  const std::string& typed) {
  const Box pane = {page.x1 - m.px(380), page.y0 + m.px(6), page.x1 - m.px(10), page.y0 + m.px(32)};
  canvas.clip(page);
  paint_pane(canvas, pane, m, colours);
  canvas.text({pane.x0 + m.px(8), pane.y0 + m.px(5)}, colours.text, "search: " + typed + "_",
              Face::normal);
  canvas.unclip();
}

}  // namespace shardpipe::viz
