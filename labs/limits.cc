#include "labs/limits.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/base/error.h"
#include "core/launch/processes.h"
#include "labs/run_on.h"

namespace shardpipe {
namespace {

// Bytes of memory apart from tensors (tests/labs/limits_test.cc measures them):
constexpr double kRecord = 400;    // an operation in a trace, as it is recorded and as it is read
constexpr double kLogged = 800;    // the same on modelled, with what it says of itself
constexpr double kLayer = 40e3;    // objects and names of a block's parts, weights, states
constexpr double kThread = 300e3;  // stack that is touched, queue of a stream
constexpr double kProgram = 50e6;  // this process before anything
constexpr double kBlasScratch = 128 << 20;  // address space of OpenBLAS, for each product that runs
constexpr double kArena = 64 << 20;         // and of malloc, for each thread
constexpr int kThreadsOfProgram = 3;        // main, monitor, who writes traces that are watched

std::string about(double bytes) {
  const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < std::size(units); ++unit) bytes /= 1024;
  char words[32];
  std::snprintf(words, sizeof words, "%.3g %s", bytes, units[unit]);
  return words;
}

// Processes of this run on this machine, as their launcher tells each of them; 1: it does not.
int processes_here() {
  const Processes processes = started_processes();
  if (!processes.several()) return 1;
  for (const char* name : {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PMI_LOCAL_SIZE"})
    if (const char* value = std::getenv(name))
      return std::clamp(std::atoi(value), 1, processes.size);
  return processes.size;
}

// Of `ranks` of the grid's, which are its `share`.
std::vector<Bill::Part> parts_of(const LabNeed& need, const std::string& device, double share,
                                 double ranks, int steps) {
  const double operations = share * need.run.operations * steps, layers = share * need.run.layers;
  const double scratch = need.numbers > 0 ? 3 * need.run.largest_weight : 0;
  std::vector<Bill::Part> parts = {
      {text("records of ", operations, " operations"),
       operations * (device == "modelled" ? kLogged : kRecord), need.record_flags},
      {"the layers' own", layers * kLayer, "--layers"}};
  if (device == "modelled") return parts;
  if (computes_here(device))
    parts.push_back(
        {"weights with their gradients and states", share * need.run.weights, need.weight_flags});
  if (computes_here(device))
    parts.push_back(
        {"activations", share * (need.run.activations + need.run.queued), need.tensor_flags});
  parts.push_back({"numbers on the host",
                   ranks * (need.numbers + scratch + 2 * need.run.largest_weight),
                   need.weight_flags});
  parts.push_back({"batches", ranks * need.batches, "--batch or --seq"});
  return parts;
}

double sum(const std::vector<Bill::Part>& parts) {
  double bytes = 0;
  for (const Bill::Part& part : parts) bytes += part.bytes;
  return bytes;
}

// What is not refused here can be multiplied in 64 bits: sizes, and bytes of all tensors together.
void refuse_above_limit(const std::vector<std::pair<const char*, Index>>& sizes) {
  constexpr Index kMostSize = 1 << 24;
  for (const auto& [flag, size] : sizes)
    if (size > kMostSize) usage_error(text("--", flag, " ", size, ": must be at most ", kMostSize));
}

void refuse_above_counting(const LabShape& s) {
  constexpr double kMostBytes = 9e15;  // doubles count as far, too
  const auto number = [](Index size) { return static_cast<double>(size); };
  const double features = 4 * number(s.hidden) + 3 * number(s.ffn);
  const double weights =
      16 * number(s.hidden) * (number(s.layers) * features + 2 * number(s.vocab + s.seq));
  const double of_token = 2 * features + 2 * number(s.heads) * number(s.seq);
  const double tokens = number(s.seq) * number(s.batch);
  if (weights > kMostBytes)
    usage_error(text("--layers ", s.layers, " --hidden ", s.hidden, " --ffn ", s.ffn, " --vocab ",
                     s.vocab, ": weights of ", weights, " bytes; at most ", kMostBytes));
  const double activations = 4 * tokens * (number(s.layers) * of_token + number(s.vocab));
  if (activations > kMostBytes)
    usage_error(text("--batch ", s.batch, " --seq ", s.seq, " --hidden ", s.hidden, " --layers ",
                     s.layers, ": tensors of ", activations, " bytes; at most ", kMostBytes));
}

}  // namespace

void refuse_uncountable(const LabShape& s) {
  refuse_above_limit({{"layers", s.layers},
                      {"hidden", s.hidden},
                      {"ffn", s.ffn},
                      {"vocab", s.vocab},
                      {"seq", s.seq},
                      {"batch", s.batch}});
  refuse_above_counting(s);
}

double numbers_of_trial(const RunBound& run, GridShape grid) {
  return grid.ranks() == 1 ? 2 * run.whole_weights : run.whole_weights / grid.tp;
}

double Bill::bytes() const { return sum(parts); }

Bill bill_of(const LabOptions& o, int steps, const LabNeed& need, const LabNeed* one) {
  const double ranks = o.grid.ranks(), here = o.device == "mpi" ? 1 : ranks;
  Bill bill;
  if (o.device == "mpi") bill.processes = processes_here();
  if (computes_here(o.device)) {
    bill.threads = here * (1 + need.streams) + kThreadsOfProgram;
    bill.reserved = here * kBlasScratch + bill.threads * kArena;
  }
  bill.parts = parts_of(need, o.device, here / ranks, here, steps);
  if (one != nullptr) {
    bill.parts.push_back({"what one rank gave to compare with", one->numbers, one->weight_flags});
    // It has let go of all else when the ranks begin.
    std::vector<Bill::Part> alone = parts_of(*one, o.device, 1, 1, steps);
    for (Bill::Part& part : alone) part.what += " of the one rank it is compared with";
    if (sum(alone) > bill.bytes()) bill.parts = std::move(alone);
  }
  bill.parts.push_back({"the program itself", kProgram + kThread * bill.threads, ""});
  return bill;
}

void refuse_beyond(const Supply& supply, const Bill& bill) {
  if (const Available threads = supply.threads(); bill.threads > threads.amount)
    usage_error(text("the ranks of this run are ", bill.threads, " threads, and ", threads.amount,
                     " more may be started (", threads.by, "): fewer ranks"));
  const Available memory = supply.memory(bill.threads, bill.reserved);
  const double needed = bill.bytes() * bill.processes;
  if (needed <= memory.amount) return;
  const auto most =
      std::max_element(bill.parts.begin(), bill.parts.end(),
                       [](const Bill::Part& a, const Bill::Part& b) { return a.bytes < b.bytes; });
  usage_error(text(
      "this run needs about ", about(needed), " of memory",
      bill.processes > 1 ? text(" in ", bill.processes, " processes") : "", ", most of it ",
      most->what, ", and ", about(memory.amount), " are to be had (", memory.by,
      "): ", most->flags.empty() ? "raise that limit" : text("make ", most->flags, " smaller")));
}

}  // namespace shardpipe
