// The picture as pixels: PNG, SVG, and small pictures that are known (golden/). To write those anew
// after a change that is meant: SHARDPIPE_GOLDEN=write build/test_viz_picture
#include <cstdlib>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"
#include "tests/trace/made_up.h"
#include "tests/viz/pixels.h"
#include "viz/draw/page.h"
#include "viz/picture/screenshot.h"
#include "viz/picture/svg_canvas.h"

namespace shardpipe::viz {
namespace {

constexpr int kWidth = 800, kHeight = 420;

Image picture_of(const TimelineModel& model, const TimelineView& view, int width = kWidth) {
  const Box box = {0, 0, static_cast<float>(width), kHeight};
  return screenshot(
      {width, kHeight, 1, false}, palette(view.is_dark).background,
      [&](Canvas& canvas) { paint_page(canvas, model, view, "mlp", box, Metrics{}); });
}

TimelineView whole(const TimelineModel& model, bool is_dark) {
  TimelineView view;
  view.range = {0, static_cast<double>(model.end_ns())};
  view.is_dark = is_dark;
  return view;
}

// Share of pixels of which a channel differs by more than 16 levels: letters and edges may move a
// little with the version of ImGui.
double difference(const Image& a, const Image& b) {
  return static_cast<double>(pixels_that_differ(a, b, 16)) / (a.width * a.height);
}

void check_golden(const Image& image, const std::string& name) {
  const std::string file = in_source("tests/viz/golden/" + name);
  const char* mode = std::getenv("SHARDPIPE_GOLDEN");
  if (mode != nullptr && std::string(mode) == "write") write_png(image, file);
  INFO(name);
  CHECK(difference(image, read_png(file)) < 0.005);
}

}  // namespace

TEST_CASE("pictures look as they did") {
  const TimelineModel naive(mlp_trace(true)), paired(mlp_trace(false));
  check_golden(picture_of(naive, whole(naive, true)), "naive_dark.png");
  TimelineView view = whole(paired, false);
  view.range.end_ns /= 3;
  view.selected = {Selection::What::span, 2, 0, 0, 0};
  view.shows_critical_path = true;
  check_golden(picture_of(paired, view), "paired_light.png");
}

TEST_CASE("the comparison of pictures sees a moved span") {
  const TimelineModel model(mlp_trace(true));
  TimelineView moved = whole(model, true);
  moved.range = panned(moved.range, 0.02);
  CHECK(difference(picture_of(model, whole(model, true)), picture_of(model, moved)) > 0.005);
}

TEST_CASE("a figure that changes is pixels that differ, and so is another size") {
  const auto picture = [](const char* words, int width) {
    return screenshot({width, 20, 1, false}, {255, 255, 255}, [&](Canvas& canvas) {
      canvas.clip({0, 0, 60, 20});
      canvas.text({2, 2}, {0, 0, 0}, words, Face::small);
      canvas.unclip();
    });
  };
  const Image image = picture("347.5", 60);
  CHECK(pixels_that_differ(image, picture("347.5", 60), 0) == 0);
  CHECK(pixels_that_differ(image, picture("347.6", 60), 2) > 4);
  CHECK(pixels_that_differ(image, picture("347.5", 61), 2) == 60 * 20);
}

TEST_CASE("boxes fill the pixels whose centres they cover, and blend") {
  const Image image = screenshot({8, 4, 1, false}, {0, 0, 0}, [](Canvas& canvas) {
    canvas.clip({0, 0, 8, 4});
    canvas.fill({1, 1, 3, 2}, {255, 0, 0});
    canvas.fill({3.4F, 1, 5.6F, 2}, {0, 255, 0});
    canvas.fill({6, 0, 8, 4}, {255, 255, 255, 128});
    canvas.unclip();
  });
  const auto pixel = [&](int x, int y) {
    const std::size_t at = image.offset(x, y);
    return image.rgb[at] << 16 | image.rgb[at + 1] << 8 | image.rgb[at + 2];
  };
  CHECK(pixel(0, 1) == 0);
  CHECK(pixel(1, 1) == 0xff0000);
  CHECK(pixel(2, 1) == 0xff0000);
  CHECK(pixel(3, 1) == 0x00ff00);
  CHECK(pixel(5, 1) == 0x00ff00);
  CHECK(pixel(1, 2) == 0);
  CHECK(pixel(7, 3) == 0x808080);
}

TEST_CASE("more vertices than 16 bits count are painted") {
  const Image image = screenshot({200, 200, 1, false}, {0, 0, 0}, [](Canvas& canvas) {
    canvas.clip({0, 0, 200, 200});
    for (int i = 0; i < 40000; ++i) {
      const auto x = static_cast<float>(i % 200), y = static_cast<float>(i / 200);
      canvas.fill({x, y, x + 1, y + 1}, {9, 8, 7});
    }
    canvas.unclip();
  });
  CHECK(std::count(image.rgb.begin(), image.rgb.end(), 9) == 40000);
}

TEST_CASE("a PNG is read as it was written; what is none gets a sentence") {
  const TemporaryFolder folder;
  const TimelineModel model(mlp_trace(true));
  const Image image = picture_of(model, whole(model, true));
  write_png(image, folder.file("a.png"));
  CHECK(read_png(folder.file("a.png")).rgb == image.rgb);
  CHECK(lacks(usage_message([&] { read_png(folder.write("b.png", "text")); }),
              {"b.png", "cannot be read"})
            .empty());
  CHECK(lacks(usage_message([&] { write_png(image, folder.file("no/such/a.png")); }),
              {"cannot be written"})
            .empty());
}

TEST_CASE("the SVG holds the same page, each element closed and each name escaped") {
  Trace trace = mlp_trace(true);
  trace.names[0] = "a<b>&\"c\"";
  const TimelineModel model(trace);
  SvgCanvas canvas(1600, 400);
  paint_page(canvas, model, whole(model, true), "mlp", {0, 0, 1600, 400}, Metrics{});
  const std::string svg = canvas.finish();
  const auto count = [&](const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1)) ++n;
    return n;
  };
  CHECK(svg.starts_with("<svg xmlns="));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(count("<g ") == count("</g>"));
  CHECK(count("<text ") == count("</text>"));
  CHECK(count("<text ") > 20);
  CHECK(count("a<b>") == 0);
  CHECK(canvas.finish().find("<rect") == std::string::npos);
}

}  // namespace shardpipe::viz
