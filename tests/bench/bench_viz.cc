// What the viewer costs: one million and ten million spans on 8 ranks, a page 1,920 x 1,080. Time
// and memory of its index, time to paint a frame into a draw list at three zooms (median of 101
// frames, panned a little each), and how fast files are read: binary, and JSON of a million. No
// limit: figures only.
#include <imgui.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/trace/binary.h"
#include "core/trace/chrome_json.h"
#include "core/trace/read.h"
#include "viz/draw/page.h"
#include "viz/picture/imgui_canvas.h"

namespace shardpipe::viz {
namespace {

constexpr int kRanks = 8, kFrames = 101;

// Of this thread on a core: the machine may be busy with other things.
double seconds_of(const std::function<void()>& f) {
  const auto now = [] {
    timespec time = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double begin = now();
  f();
  return now() - begin;
}

// Kernels of 2 to 40 us in forwards of 20 and backwards of 40, a wait between them; every tenth
// span is a message of 20 to 60 us on the second stream.
Trace made_up(std::int64_t spans) {
  Trace trace{.names = {"gemm", "softmax", "norm", "exchange"},
              .groups = {{.id = 0, .axis = "pp", .ranks = {0, 1, 2, 3, 4, 5, 6, 7}}}};
  std::uint64_t draw = 0;
  const auto between = [&](double low, double high) {
    return static_cast<std::int64_t>(low + (high - low) * random_uniform(1, 2, draw++));
  };
  const std::int64_t per_rank = spans / kRanks;
  for (int rank = 0; rank < kRanks; ++rank) {
    trace.lanes.push_back({rank, 0, "compute"});
    trace.lanes.push_back({rank, 1, "comm"});
    std::int64_t now = 0;
    for (std::int64_t i = 0; i < per_rank * 9 / 10; ++i) {
      const bool forward = i % 60 < 20;
      if (i % 20 == 0) now += between(20e3, 400e3);
      const std::int64_t end = now + between(2e3, 40e3);
      trace.spans.push_back({.lane = 2 * rank,
                             .name = static_cast<std::int32_t>(i % 3),
                             .tags = {.microbatch = static_cast<std::int32_t>(i / 60),
                                      .phase = forward ? Phase::forward : Phase::backward},
                             .posted_ns = now,
                             .ready_ns = now,
                             .end_ns = end});
      now = end + between(100, 2000);
    }
    trace.wall_ns = std::max(trace.wall_ns, now);
    std::int64_t at = 0;
    for (std::int64_t i = 0; i < per_rank / 10; ++i) {
      at += now / (per_rank / 10) - 60'000 > 0
                ? between(
                      1000,
                      2.0 * (static_cast<double>(now) / static_cast<double>(per_rank / 10) - 60e3))
                : 1000;
      const std::int64_t ready = at + between(0, 10e3), end = ready + between(20e3, 60e3);
      trace.spans.push_back({.lane = 2 * rank + 1,
                             .name = 3,
                             .group = 0,
                             .kind = OpKind::exchange,
                             .posted_ns = at,
                             .ready_ns = ready,
                             .end_ns = end,
                             .waits_for = (rank + 1) % kRanks});
      at = end;
    }
    trace.wall_ns = std::max(trace.wall_ns, at);
  }
  return trace;
}

// Median and slowest seconds of a frame that shows `share` of the trace.
std::pair<double, double> frame_s(const TimelineModel& model, double share) {
  ImGuiIO& io = ImGui::GetIO();
  const Fonts fonts = {{io.Fonts->Fonts[0], io.Fonts->Fonts[0], io.Fonts->Fonts[0]}, {13, 13, 13}};
  std::vector<double> times;
  TimelineView view;
  const double whole = static_cast<double>(model.end_ns()), length = whole * share;
  for (int frame = 0; frame < kFrames; ++frame) {
    const double begin = (whole - length) / 2 + 0.001 * length * frame;
    view.range = {begin, begin + length};
    ImGui::NewFrame();
    ImGuiCanvas canvas(*ImGui::GetBackgroundDrawList(), fonts);
    times.push_back(seconds_of([&] {
      paint_timeline(canvas, model, view, {0, 60, 1920, 1080}, Metrics{}, nullptr);
    }));
    ImGui::Render();
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.back()};
}

void measure(std::int64_t spans) {
  Trace trace = made_up(spans);
  const auto num_spans = static_cast<double>(trace.spans.size());
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const auto read_back = [&](const char* format, const std::string& file) {
    const double mb = static_cast<double>(std::filesystem::file_size(file)) * 1e-6;
    const double seconds = seconds_of([&] { read_trace({file}); });
    std::printf("  read %-11s %.0f MB in %.2f s: %.0f MB/s, %.0f bytes and %.0f ns a span\n",
                format, mb, seconds, mb / seconds, mb * 1e6 / num_spans, seconds / num_spans * 1e9);
    std::filesystem::remove(file);
  };
  if (spans <= 1'000'000) {
    const double seconds = seconds_of([&] { write_chrome_json(trace, folder / "bench_viz.json"); });
    std::printf("  write JSON       %.2f s: %.0f ns a span\n", seconds, seconds / num_spans * 1e9);
    read_back("JSON", folder / "bench_viz.json");
  }
  write_binary(trace, folder / "bench_viz.sptrace");
  read_back("binary", folder / "bench_viz.sptrace");
  std::unique_ptr<TimelineModel> model;
  const double build_s =
      seconds_of([&] { model = std::make_unique<TimelineModel>(std::move(trace)); });
  std::printf(
      "  model            %.2f s, of a span: %.0f ns; memory: %.1f bytes of index beside %zu of "
      "the span\n",
      build_s, build_s / num_spans * 1e9, static_cast<double>(model->index_bytes()) / num_spans,
      sizeof(Span));
  for (const auto& [name, share] :
       {std::pair("whole trace", 1.0), {"1 % of it", 0.01}, {"0.02 % of it", 0.0002}}) {
    const auto [median, slowest] = frame_s(*model, share);
    std::printf("  frame            %.3f ms (slowest %.3f ms): %s\n", median * 1e3, slowest * 1e3,
                name);
  }
}

}  // namespace
}  // namespace shardpipe::viz

int main(int argc, char** argv) {
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.DisplaySize = {1920, 1080};
  io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  io.Fonts->AddFontDefault();
  unsigned char* pixels = nullptr;
  int width = 0, height = 0;
  io.Fonts->GetTexDataAsAlpha8(&pixels, &width, &height);
  const bool is_short = argc > 1 && std::string_view(argv[1]) == "--short";
  for (const std::int64_t spans : {1'000'000, 10'000'000}) {
    if (is_short && spans > 1'000'000) break;
    std::printf("%lld spans, %d ranks\n", static_cast<long long>(spans), shardpipe::viz::kRanks);
    std::fflush(stdout);
    shardpipe::viz::measure(spans);
  }
  ImGui::DestroyContext();
}
