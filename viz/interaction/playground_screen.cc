#include "viz/interaction/playground_screen.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "viz/draw/parts.h"

namespace shardpipe::viz {
namespace {

constexpr std::size_t kColumns = 5, kRows = (kNumKnobs + kColumns - 1) / kColumns;
constexpr float kKnobHeight = 44, kLinesHeight = 84, kBarsWidth = 250;  // pixels

float panel_height(const Metrics& m) {
  return m.px(kKnobHeight) * static_cast<float>(kRows) + m.px(kLinesHeight);
}

// A bar a rank: weights, on them what is held, and where the memory ends. Without a model: chunks
// held.
void paint_bars(const Paper& paper, const Figures& f) {
  Canvas& canvas = paper.canvas;
  const Metrics& m = paper.metrics;
  const Box& box = paper.box;
  std::vector<double> tops = f.bytes;
  if (tops.empty()) tops.assign(f.held_chunks.begin(), f.held_chunks.end());
  if (tops.empty()) return;
  const double most = std::max(f.capacity_bytes, *std::max_element(tops.begin(), tops.end()));
  const float foot = box.y1, high = box.height() - m.px(16);
  const auto y = [&](double value) { return foot - high * static_cast<float>(value / most); };
  canvas.text({box.x0, box.y0 - m.px(2)}, paper.colours.dim_text,
              f.bytes.empty() ? "chunks held, by rank" : "memory by rank: weights, activations",
              Face::small);
  const float step = std::min(m.px(24), box.width() / static_cast<float>(tops.size()));
  for (std::size_t r = 0; r < tops.size(); ++r) {
    const float x = box.x0 + step * static_cast<float>(r), end = x + std::max(1.0F, step - m.px(2));
    const double bottom = f.bytes.empty() ? 0 : f.weight_bytes;
    const bool is_too_much = f.capacity_bytes > 0 && tops[r] > f.capacity_bytes;
    canvas.fill({x, y(tops[r]), end, y(bottom)},
                is_too_much ? paper.colours.longer : paper.colours.of(Category::forward));
    canvas.fill({x, y(bottom), end, foot}, paper.colours.of(Category::other));
  }
  if (f.capacity_bytes > 0)
    canvas.fill({box.x0, y(f.capacity_bytes), box.x1, y(f.capacity_bytes) + m.px(1)},
                paper.colours.text);
}

}  // namespace

PlaygroundScreen::PlaygroundScreen(const PlaygroundSettings& settings, bool is_dark)
    : settings_(settings), is_dark_(is_dark) {
  make();
}

void PlaygroundScreen::make() {
  played_ = play(settings_);
  if (viewer_) is_dark_ = viewer_->view().is_dark;
  viewer_.reset();
  if (!played_.refusal.empty()) return;
  std::vector<std::unique_ptr<NamedModel>> traces;
  traces.push_back(std::make_unique<NamedModel>(
      NamedModel{settings_.schedule, TimelineModel(std::move(played_.trace))}));
  viewer_ = std::make_unique<Viewer>(std::move(traces));
  viewer_->view().is_dark = is_dark_;
}

void PlaygroundScreen::begin_challenge(std::size_t number) {
  challenge_ = std::min(number, challenges().size());
  if (challenge() == nullptr) return;
  settings_ = challenge()->start;
  make();
}

// The challenge, what is refused, or the figures.
std::vector<std::string> PlaygroundScreen::words() const {
  std::vector<std::string> lines =
      played_.refusal.empty() ? played_.lines : std::vector{played_.refusal};
  if (challenge() == nullptr) return lines;
  const std::string wrong = unmet(*challenge(), settings_, played_);
  lines.insert(lines.begin(), text("challenge ", challenge_ + 1, ", ", challenge()->name, ": ",
                                   challenge()->goal, wrong.empty() ? ": done" : " - " + wrong));
  return lines;
}

Box PlaygroundScreen::viewer_box(const Box& box, const Metrics& m) const {
  return {box.x0, box.y0, box.x1, box.y1 - panel_height(m)};
}

int PlaygroundScreen::height(float width, const Metrics& m) const {
  const int page = viewer_ ? viewer_->height(width, m) : static_cast<int>(m.px(120));
  return page + static_cast<int>(panel_height(m));
}

Box PlaygroundScreen::knob_box(const Box& box, const Metrics& m, std::size_t i) {
  const float width = (box.width() - m.px(20)) / kColumns;
  const float x = box.x0 + m.px(10) + width * static_cast<float>(i % kColumns);
  const float y = box.y1 - m.px(kKnobHeight) * static_cast<float>(kRows - i / kColumns);
  return {x, y, x + width - m.px(24), y + m.px(kKnobHeight)};
}

void PlaygroundScreen::paint_panel(Canvas& canvas, const Box& box, const Metrics& m) const {
  const Palette& colours = palette(viewer_ ? viewer_->view().is_dark : is_dark_);
  const Box panel = {box.x0, box.y1 - panel_height(m), box.x1, box.y1};
  canvas.clip(panel);
  canvas.fill(panel, colours.lane);
  float y = panel.y0 + m.px(7);
  for (const std::string& line : words()) {
    canvas.text({panel.x0 + m.px(10), y}, colours.text, line, Face::normal);
    y += m.px(18);
  }
  const Box bars = {panel.x1 - m.px(kBarsWidth), panel.y0 + m.px(8), panel.x1 - m.px(34),
                    panel.y0 + m.px(kLinesHeight) - m.px(8)};
  paint_bars({canvas, colours, m, bars}, played_.figures);
  const std::vector<Knob> knobs = knobs_of(settings_);
  for (std::size_t i = 0; i < knobs.size(); ++i) {
    const Box at = knob_box(box, m, i);
    const float value_width = canvas.text_width(knobs[i].text, Face::normal);
    canvas.text({at.x0, at.y0 + m.px(4)}, colours.dim_text, knobs[i].name, Face::small);
    canvas.text({at.x1 - value_width, at.y0 + m.px(2)}, colours.text, knobs[i].text, Face::normal);
    const double share = (knobs[i].value - knobs[i].least) / (knobs[i].most - knobs[i].least);
    const float x = at.x0 + at.width() * static_cast<float>(share), top = at.y0 + m.px(24);
    canvas.fill({at.x0, top, at.x1, top + m.px(4)}, colours.background);
    canvas.fill({at.x0, top, x, top + m.px(4)}, colours.of(Category::forward));
    canvas.fill({x - m.px(3), top - m.px(4), x + m.px(3), top + m.px(8)}, colours.text);
  }
  canvas.unclip();
}

void PlaygroundScreen::frame(Canvas& canvas, const Box& box, const Metrics& m, const Input& input) {
  const Box page = viewer_box(box, m);
  std::vector<Frame> frames;
  if (viewer_) {
    frames = viewer_->paint(canvas, page, m);
  } else {
    canvas.clip(page);
    canvas.fill(page, palette(is_dark_).background);
    canvas.text({page.x0 + m.px(10), page.y0 + m.px(8)}, palette(is_dark_).text,
                "There is no such schedule", Face::title);
    canvas.unclip();
  }
  paint_panel(canvas, box, m);
  int under_mouse = -1;
  for (std::size_t i = 0; i < kNumKnobs; ++i)
    if (knob_box(box, m, i).contains(input.mouse)) under_mouse = static_cast<int>(i);
  if (input.left && !was_down_) dragged_ = under_mouse;
  if (!input.left) dragged_ = -1;
  was_down_ = input.left;
  const int turning = dragged_ >= 0 ? dragged_ : input.wheel != 0 ? under_mouse : -1;
  if (input.typed.find('n') != std::string::npos && !is_typing()) {
    begin_challenge(challenge_ == challenges().size() ? 0 : challenge_ + 1);
    return;
  }
  if (turning < 0) {
    if (viewer_) viewer_->handle(input, frames);
    return;
  }
  const auto i = static_cast<std::size_t>(turning);
  const Knob knob = knobs_of(settings_)[i];
  const Box at = knob_box(box, m, i);
  const double share = std::clamp((input.mouse.x - at.x0) / at.width(), 0.0F, 1.0F);
  const double value = dragged_ >= 0 ? knob.least + share * (knob.most - knob.least)
                                     : knob.value + static_cast<double>(input.wheel) * knob.step;
  const PlaygroundSettings next = turned(settings_, i, value);
  if (knobs_of(next)[i].value == knob.value) return;
  settings_ = next;
  make();
}

}  // namespace shardpipe::viz
