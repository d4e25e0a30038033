// How fast weights come from a file, and what that takes of memory: 200 million of them in bf16,
// 400 MB in TMPDIR, read whole and into a model on 1 and 2 ranks. Prints seconds of three rounds
// (the first one may read from the disk), and how far the peak of this process is above that of the
// same models without a file.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "core/cost/hardware.h"
#include "core/cost/roofline.h"
#include "core/launch/launch.h"
#include "core/model/checkpoint.h"
#include "core/model/decoder.h"

namespace shardpipe {
namespace {

using Tensors = std::vector<std::pair<std::string, Shape>>;

DecoderConfig config() {
  return {.family = Family::llama,
          .layers = 15,
          .hidden = 1024,
          .ffn = 2816,
          .heads = 16,
          .kv_heads = 16,
          .vocabulary = 8192,
          .sequence = 128};
}

double since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double peak_mib() {
  struct rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

Tensors tensors_of_model() {
  Tensors tensors;
  run_modelled({}, RooflineModel(load_hardware("8xH100")), [&](RankContext& ctx) {
    Decoder model(ctx, config());
    for (const Parameter* p : model.parameters())
      for (const Piece& piece : p->pieces(0)) tensors.emplace_back(piece.name, piece.full);
  });
  return tensors;
}

// All numbers 1. Returns the bytes of the file.
std::uint64_t write_bf16(const std::string& name, const Tensors& tensors) {
  std::string header = "{";
  std::uint64_t at = 0;
  for (const auto& [tensor, shape] : tensors) {
    const std::uint64_t end = at + 2 * static_cast<std::uint64_t>(shape.elements());
    header += text(at == 0 ? "" : ",", "\"", tensor, R"(":{"dtype":"BF16","shape":)", shape,
                   R"(,"data_offsets":[)", at, ",", end, "]}");
    at = end;
  }
  header += "}";
  const std::uint64_t length = header.size();
  OutputFile out(name);
  out.write({reinterpret_cast<const char*>(&length), 8});
  out.write(header);
  std::string ones;
  for (int i = 0; i < (1 << 20); ++i) ones += "\x80\x3f";
  for (std::uint64_t left = at; left > 0;) {
    const std::uint64_t count = std::min<std::uint64_t>(left, ones.size());
    out.write({ones.data(), count});
    left -= count;
  }
  out.commit();
  return 8 + length + at;
}

double read_whole(const std::string& name) {
  const auto begin = std::chrono::steady_clock::now();
  SafetensorsFile file(name);
  std::vector<float> block(kCheckpointBlock);
  for (const auto& [tensor, stored] : file.tensors()) {
    Index elements = 1;
    for (const Index size : stored.sizes) elements *= size;
    for (Index first = 0; first < elements; first += kCheckpointBlock)
      file.read(stored, first,
                std::span(block).first(
                    static_cast<std::size_t>(std::min(kCheckpointBlock, elements - first))));
  }
  return since(begin);
}

// Seconds until the slowest rank has its weights; without a file none.
double load(int tp, SafetensorsFile* file) {
  std::vector<double> seconds(static_cast<std::size_t>(tp));
  run_on_cpu({.grid = {.tp = tp}, .time_limit_s = 60}, [&](RankContext& ctx) {
    Decoder model(ctx, config());
    for (const Parameter* p : model.parameters()) ctx.math.fill(p->value, 0, ctx.compute);
    ctx.compute.synchronize();
    if (file == nullptr) return;
    const auto begin = std::chrono::steady_clock::now();
    read_checkpoint(ctx, *file, weight_shards(model.parameters()));
    seconds[static_cast<std::size_t>(ctx.rank)] = since(begin);
  });
  return *std::max_element(seconds.begin(), seconds.end());
}

}  // namespace
}  // namespace shardpipe

int main() {
  using namespace shardpipe;
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "bench_checkpoint.st";
  const double bytes = static_cast<double>(write_bf16(file, tensors_of_model()));
  std::printf("file of %.0f MB\n", bytes / 1e6);
  for (int round = 0; round < 3; ++round)
    std::printf("read whole, block by block   %.2f s\n", read_whole(file));
  for (const int tp : {1, 2}) {
    load(tp, nullptr);
    const double before = peak_mib();
    for (int round = 0; round < 3; ++round) {
      SafetensorsFile in(file);
      std::printf("into a model, tp=%d           %.2f s\n", tp, load(tp, &in));
    }
    std::printf("peak of memory, tp=%d         %.1f MiB more than without a file\n", tp,
                peak_mib() - before);
  }
  std::filesystem::remove(file);
}
