// A run that is saved and goes on is the run: 20 steps are 10 and 10 more, bit for bit on the same
// grid, and within the bounds on another.
#include "labs/lab.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_files.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

LabOptions options_of(const std::string& name, GridShape grid, const std::string& dtype = "") {
  const Lab& lab = find_lab(name);
  LabOptions o{.grid = grid, .technique = lab.technique};
  for (const Toggle& t : lab.toggles) o.toggles[t.name] = t.default_value;
  o.shape = {.layers = 2, .hidden = 16, .ffn = 32, .heads = 4, .seq = 8, .batch = 4};
  o.toggles["dtype"] = dtype;
  if (o.toggles.contains("learning-rate")) o.toggles["learning-rate"] = "0.003";  // of few steps
  if (lab.has_pipeline) o.shape.microbatches = 4 / grid.dp;
  return o;
}

// Steps from where `from` stands, saved as `to`; "": from a seed, not saved.
LabResult train(const std::string& name, LabOptions o, int steps, const std::string& from,
                const std::string& to) {
  o.steps = steps;
  o.toggles["load"] = from;
  if (!to.empty()) o.save = std::make_shared<OutputFile>(to);
  const LabResult result = find_lab(name).run(o);
  if (!to.empty()) {
    CHECK(!result.unsaved);
    o.save->commit();
  }
  return result;
}

struct Case {
  const char* lab;
  GridShape grid;
  const char* dtype = "";
};

const std::vector<Case> kCases = {{"tp-train", {}},
                                  {"tp-train", {.tp = 2}},
                                  {"hybrid-train", {.pp = 2}},
                                  {"hybrid-train", {.tp = 2, .pp = 2, .dp = 2}}};

// How far a loss may be from one rank's.
double bound_of(const LabResult& r, std::size_t step) {
  return r.check ? r.check->loss_bounds.at(step) : 0;
}

std::string words_of(const Case& c) {
  return text(c.lab, " tp", c.grid.tp, " pp", c.grid.pp, " dp", c.grid.dp);
}

}  // namespace

TEST_CASE("20 steps in one go are 10, saved, and 10 more: losses and files, bit for bit") {
  const TemporaryFolder folder;
  std::vector<Case> cases = kCases;
  // In bf16 the masters are what is saved.
  cases.push_back({"tp-train", {.tp = 2}, "bf16"});
  cases.push_back({"hybrid-train", {.tp = 2, .pp = 2, .dp = 2}, "bf16"});
  for (const Case& c : cases) {
    INFO(words_of(c) << " " << c.dtype);
    const LabOptions o = options_of(c.lab, c.grid, c.dtype);
    const std::string whole = folder.file("whole"), half = folder.file("half"),
                      rest = folder.file("rest");
    std::vector<double> losses = train(c.lab, o, 20, "", whole).loss;
    std::vector<double> parts = train(c.lab, o, 10, "", half).loss;
    const LabResult second = train(c.lab, o, 10, half, rest);
    parts.insert(parts.end(), second.loss.begin(), second.loss.end());
    CHECK(losses.size() == 20);
    CHECK(parts == losses);
    CHECK(bytes_of_file(rest) == bytes_of_file(whole));
    CHECK(SafetensorsFile(rest).metadata().at("step") == "20");
    CHECK(SafetensorsFile(rest).metadata().at("sequences") == "80");
    CHECK((!second.check || second.check->passed()));
  }
}

TEST_CASE("a learning rate that falls: its horizon is the run's, whatever --steps of a part are") {
  const TemporaryFolder folder;
  for (const char* name : {"tp-train", "hybrid-train"}) {
    LabOptions o = options_of(name, {.tp = 2});
    const std::string half = folder.file("half");
    const double constant = train(name, o, 10, "", "").loss[9];
    o.toggles["decay-steps"] = "8";
    const std::vector<double> whole = train(name, o, 10, "", "").loss;
    std::vector<double> parts = train(name, o, 5, "", half).loss;
    const LabResult rest = train(name, o, 5, half, "");
    parts.insert(parts.end(), rest.loss.begin(), rest.loss.end());
    CHECK(parts == whole);
    CHECK(rest.report.notes.empty());
    CHECK(whole[9] > constant);  // it has learnt less
    o.toggles["decay-steps"] = "9";
    CHECK(train(name, o, 1, half, "").report.notes ==
          std::vector<std::string>{"since " + half + " was saved: --decay-steps was 8 and is 9"});
    for (const char* words : {"0", "-1", "2.5", "", "ten", "99999999999"}) {
      o.toggles["decay-steps"] = words;
      CHECK(lacks(usage_message([&] { train(name, o, 1, "", ""); }),
                  {"--decay-steps", words, "off or a whole number"}) == "");
    }
  }
}

TEST_CASE("a run goes on on every other grid, within the bounds") {
  const TemporaryFolder folder;
  for (const Case& from : kCases) {
    const std::string saved = folder.file("saved");
    train(from.lab, options_of(from.lab, from.grid), 3, "", saved);
    const LabResult want = train(from.lab, options_of(from.lab, from.grid), 3, saved, "");
    for (const Case& to : kCases) {
      INFO(words_of(from) << " to " << words_of(to));
      const LabResult got = train(to.lab, options_of(to.lab, to.grid), 3, saved, "");
      CHECK((!got.check || got.check->passed()));
      REQUIRE(got.loss.size() == 3);
      // The labs have learning rates of their own, which the first loss does not see.
      const std::size_t alike = std::string(from.lab) == to.lab ? 3 : 1;
      for (std::size_t i = 0; i < alike; ++i)
        CHECK(std::abs(got.loss[i] - want.loss[i]) <= bound_of(got, i) + bound_of(want, i));
    }
  }
}

TEST_CASE("a run that does not go on from a file is another: the first loss shows it") {
  const TemporaryFolder folder;
  const std::string saved = folder.file("saved");
  LabOptions o = options_of("tp-train", {.tp = 2});
  train("tp-train", o, 10, "", saved);
  const double resumed = train("tp-train", o, 1, saved, "").loss[0];
  const double anew = train("tp-train", o, 1, "", "").loss[0];
  o.weights_only = true;
  const LabResult weights = train("tp-train", o, 2, saved, "");
  CHECK(resumed < anew - 0.5);
  CHECK(weights.loss[0] < anew - 0.5);  // the weights are there,
  CHECK(weights.loss[0] != resumed);    // and the batches are the first again
  REQUIRE(weights.report.notes.size() == 1);
  CHECK(lacks(weights.report.notes[0],
              {"weights alone of ", "left out: adamw.m.blocks.0.", "tensors more"}) == "");
}

TEST_CASE("what may change when a run goes on is said; other batches go on where those stood") {
  const TemporaryFolder folder;
  const std::string saved = folder.file("saved"), again = folder.file("again");
  LabOptions o = options_of("tp-train", {});
  train("tp-train", o, 3, "", saved);
  o.shape.batch = 2;
  o.toggles["learning-rate"] = "0.001";
  const LabResult r = train("tp-train", o, 1, saved, again);
  CHECK(r.report.notes ==
        std::vector<std::string>{
            "since " + saved + " was saved: --batch was 4 and is 2",
            "since " + saved + " was saved: --learning-rate was 0.003 and is 0.001"});
  CHECK(SafetensorsFile(again).metadata().at("sequences") == "14");
  CHECK(SafetensorsFile(again).metadata().at("step") == "4");
}

TEST_CASE("weights of other models: refused, and taken by --weights-only as far as they fit") {
  const TemporaryFolder folder;
  const std::string saved = folder.file("saved");
  LabOptions o = options_of("tp-train", {.tp = 2});
  train("tp-train", o, 1, "", saved);
  const auto message = [&](const std::function<void(LabOptions&)>& change, bool weights_only) {
    LabOptions other = o;
    change(other);
    other.weights_only = weights_only;
    return usage_message([&] { train("tp-train", other, 1, saved, ""); });
  };
  const auto untied = [](LabOptions& x) { x.toggles["tied"] = "off"; };
  const auto fewer = [](LabOptions& x) { x.shape.layers = 1; };
  const auto heads = [](LabOptions& x) { x.shape.heads = 8; };
  const auto wider = [](LabOptions& x) { x.shape.hidden = 32; };
  CHECK(lacks(message(untied, false), {"tied on, here off"}) == "");
  CHECK(lacks(message(fewer, false), {"layers 2, here 1"}) == "");
  CHECK(lacks(message(heads, false), {"heads 4, here 8"}) == "");
  CHECK(lacks(message(untied, true), {"has no tensor head.weight"}) == "");
  CHECK(lacks(message(wider, true), {"this model wants "}) == "");
  CHECK(message(fewer, true) == "no error");
  CHECK(message(heads, true) == "no error");
  fewer(o);
  o.weights_only = true;
  const LabResult r = train("tp-train", o, 1, saved, "");
  CHECK(lacks(r.report.notes.at(0), {"left out", "tensors more"}) == "");
}

TEST_CASE(
    "files of other programs: only with --weights-only, and what they have besides is named") {
  const TemporaryFolder folder;
  const std::string saved = folder.file("saved"), other = folder.file("other");
  LabOptions o = options_of("tp-train", {.tp = 2});
  train("tp-train", o, 1, "", saved);
  HostTensors weights;
  for (auto& [name, tensor] : read_tensors(saved))
    if (!name.starts_with("adamw.")) weights[name] = tensor;
  weights["rotary.table"] = {{2}, {1, 2}};
  write_tensors(other, weights);
  CHECK(lacks(usage_message([&] { train("tp-train", o, 1, other, ""); }),
              {"does not say which run it is of", "--weights-only"}) == "");
  o.weights_only = true;
  CHECK(train("tp-train", o, 1, other, "").report.notes.at(0) ==
        "weights alone of " + other + "; left out: rotary.table");
  weights.erase("rotary.table");
  write_tensors(other, weights);
  CHECK(train("tp-train", o, 1, other, "").report.notes.at(0) ==
        "weights alone of " + other + "; left out: nothing");
  // A checkpoint with more than its run has is refused, too.
  HostTensors more = read_tensors(saved);
  more["rotary.table"] = {{2}, {1, 2}};
  write_tensors(other, more, SafetensorsFile(saved).metadata());
  o.weights_only = false;
  CHECK(lacks(usage_message([&] { train("tp-train", o, 1, other, ""); }),
              {"has tensors that this run does not have: rotary.table", "--weights-only"}) == "");
}

}  // namespace shardpipe
