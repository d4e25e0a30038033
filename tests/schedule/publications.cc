// Where the schedules were published, and what is called bubble there.
#include <map>

#include "tests/schedule/closed_forms.h"

namespace shardpipe {
namespace {

const Publication kZeroBubble = {
    "Qi et al. 2024, Zero Bubble Pipeline Parallelism, "
    "[2401.10241](https://arxiv.org/abs/2401.10241)",
    "(longest span - work) / span", Measure::of_span};
const Publication kControllableMemory = {
    "Qi et al. 2024, Pipeline Parallelism with Controllable Memory, "
    "[2405.15362](https://arxiv.org/abs/2405.15362)",
    "(longest span - work) / span", Measure::of_span};

}  // namespace

const Publication& publication(const std::string& schedule) {
  static const std::map<std::string, Publication> all = {
      {"naive", {}},
      {"gpipe",
       {"Huang et al. 2019, GPipe, [1811.06965](https://arxiv.org/abs/1811.06965)",
        "(p-1)/(m+p-1) of the time", Measure::over_total}},
      {"1f1b",
       {"Narayanan et al. 2021, PipeDream-Flush, [2006.09503](https://arxiv.org/abs/2006.09503); "
        "Megatron-LM, [2104.04473](https://arxiv.org/abs/2104.04473), 2.2.1",
        "(p-1)/m of the work", Measure::over_ideal}},
      {"eager_1f1b",
       {"Zhuang et al. 2023, On Optimizing the Communication of Model Parallelism, "
        "[2211.05322](https://arxiv.org/abs/2211.05322)"}},
      {"interleaved_1f1b",
       {"Narayanan et al. 2021, Megatron-LM, [2104.04473](https://arxiv.org/abs/2104.04473), 2.2.2",
        "(p-1)/(mv) of the work", Measure::over_ideal}},
      {"looped_bfs",
       {"Lamy-Poirier 2023, Breadth-First Pipeline Parallelism, "
        "[2211.05953](https://arxiv.org/abs/2211.05953)",
        "(p-1)/(mv) of the work", Measure::over_ideal}},
      {"zb_h1", kZeroBubble},
      {"zb_h2", kZeroBubble},
      {"zb_v", kZeroBubble},
      {"v_half", kControllableMemory},
      {"v_min", kControllableMemory},
      {"dualpipe_v",
       {"DeepSeek-AI 2025, with the code of DualPipe, "
        "[DualPipe](https://github.com/deepseek-ai/DualPipe)",
        "a time: (p-1)(F+2B-3W)/2", Measure::time}},
      {"dualpipe",
       {"DeepSeek-AI 2024, DeepSeek-V3, [2412.19437](https://arxiv.org/abs/2412.19437), 3.2.1",
        "a time: (p/2-1)(F+2B-3W)", Measure::time}},
      {"forward_only", {}}};
  return all.at(schedule);
}

}  // namespace shardpipe
