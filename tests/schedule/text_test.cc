// CSV there and back, and pictures that are true.
#include "core/schedule/text.h"

#include <algorithm>
#include <sstream>

#include "core/schedule/builders.h"
#include "core/schedule/checker.h"
#include "tests/support/catch.h"
#include "tests/support/refuses.h"
#include "tests/support/usage_error.h"

namespace shardpipe {
namespace {

std::vector<std::string> lines_of(const std::string& words) {
  std::vector<std::string> lines;
  std::istringstream in(words);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Characters, not bytes; colour sequences do not count.
std::size_t width(const std::string& line) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b')
      i = line.find('m', i);
    else if ((static_cast<unsigned char>(line[i]) & 0xC0) != 0x80)
      ++columns;
  }
  return columns;
}

std::string refusal(const std::string& csv) {
  return usage_message([&] { from_csv(csv, "x.csv"); });
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t times = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    ++times;
  return times;
}

Schedule small(const std::string& name) { return build_schedule(name, 4, 8, default_chunks(name)); }

}  // namespace

TEST_CASE("actions in words and back") {
  for (const char* word : {"0F0", "12B3", "7I100", "3W4"})
    CHECK(to_string(parse_action(word)) == word);
  for (const char* word : {"", "F", "0F", "F0", "0G1", "0F-1", "-1F0", "0F1x", " 0F1", "0F99999999",
                           "0FB1", "0F0,0F1"})
    CHECK(lacks(usage_message([&] { parse_action(word); }), {"is not an action", "such as 0F1"}) ==
          "");
}

TEST_CASE("CSV there and back") {
  for (const std::string& name : schedule_names()) {
    const Schedule s = small(name), back = from_csv(to_csv(s), "x");
    CHECK(back.ranks == s.ranks);
    CHECK(back.stages == s.stages);
    CHECK(back.microbatches == s.microbatches);
    CHECK(back.chunks == s.chunks);
  }
}

TEST_CASE("torch's files: empty cells, quotes, line ends, blocks") {
  const Schedule s = from_csv(",0F0,0F1 ,,0B0,\"0B1\"\r\n,,1F0,1B0,1F1,1B1\r\n\r\n", "x");
  CHECK(to_csv(s) == "0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n");
  CHECK(check_schedule(s).empty());
  const Schedule block = from_csv("0F0,(0F1;0B0)OVERLAP_F_B,0B1\n", "x");
  CHECK(block.ranks[0][1].with_next);
  CHECK(to_csv(block) == "0F0,(0F1;0B0)OVERLAP_F_B,0B1\n");
}

TEST_CASE("broken files: the line, and what is allowed") {
  CHECK(lacks(refusal(""), {"x.csv", "no actions"}) == "");
  CHECK(lacks(refusal("\n,,\n"), {"x.csv", "no actions"}) == "");
  CHECK(lacks(refusal("0F0\n1F0,oops\n"), {"x.csv:2", "'oops'"}) == "");
  CHECK(lacks(refusal("0F0\n1SEND_F0\n"), {"x.csv:2"}) == "");
  CHECK(lacks(refusal("0F0\n1F0\n2F0,\x01\x02\x7f\n"), {"x.csv:3", R"('???')"}) == "");
  CHECK(lacks(refusal("0F0,0B0,2F0\n1F0\n"), {"3 stages on 2 rows"}) == "");
  CHECK(lacks(refusal("0F0,9999999F9999999\n"), {"2 actions for 10000000 stages"}) == "");
}

TEST_CASE("the terminal picture of 1f1b, drawn to scale") {
  const Schedule s = build_schedule("1f1b", 2, 2, 1);
  CHECK(draw_grid(s, simulate(s, {}), {.columns = 60}) ==
        "        |0    |2    |4    |6    |8                      busy\n"
        "rank 0  F0─F1─      B0────   B1────                      67%\n"
        "rank 1     F0─B0────F1─B1────                            67%\n"
        "F forward   B backward   number: micro-batch\n");
}

TEST_CASE("an action is as wide as the largest number and a line behind it, not more") {
  for (const auto& [microbatches, last] : {std::pair{10, "F9─B9───"}, {11, "F10─B10────"}}) {
    const Schedule s = build_schedule("1f1b", 1, microbatches, 1);
    const std::string row = lines_of(draw_grid(s, simulate(s, {}), {.columns = 400})).at(1);
    INFO(row);
    CHECK(row.find(text(last, "─ ")) != std::string::npos);
  }
}

TEST_CASE("no line is wider than asked for, and colour changes no character") {
  for (const std::string& name : schedule_names())
    for (const int p : {2, 4, 8})
      for (const int columns : {40, 100}) {
        const Schedule s = build_schedule(name, p, 16, default_chunks(name));
        const Timing t = simulate(s, {1, 1.5, 0.5, 0.25});
        const auto plain = lines_of(draw_grid(s, t, {.columns = columns}));
        const auto colour = lines_of(draw_grid(s, t, {.columns = columns, .colour = true}));
        REQUIRE(plain.size() == colour.size());
        for (std::size_t i = 0; i <= static_cast<std::size_t>(p); ++i) {
          CHECK(width(plain[i]) <= static_cast<std::size_t>(columns));
          CHECK(width(plain[i]) == width(colour[i]));
        }
      }
  const Schedule s = small("1f1b");
  CHECK(lacks(usage_message([&] { draw_grid(s, simulate(s, {}), {.columns = 20}); }),
              {"20 columns"}) == "");
}

TEST_CASE("a column that stands for several actions keeps their shares") {
  const Schedule s = build_schedule("1f1b", 16, 256, 1);
  const auto lines = lines_of(draw_grid(s, simulate(s, {}), {}));
  REQUIRE(lines.size() >= 17);
  for (std::size_t r = 1; r <= 16; ++r) {
    const auto letters = [&](char c) {
      return static_cast<double>(std::count(lines[r].begin() + 9, lines[r].end(), c));
    };
    CHECK(letters('B') / letters('F') == Approx(2).margin(0.15));
    CHECK((letters('B') + letters('F')) / 85 == Approx(256.0 / 271).margin(0.03));
  }
}

TEST_CASE("SVG: a box for every action, where and as long as it is") {
  for (const std::string& name : schedule_names()) {
    const Schedule s = small(name);
    const Timing t = simulate(s, {});
    const std::string svg = draw_svg(s, t, {});
    std::size_t actions = 0;
    for (const auto& order : s.ranks) actions += order.size();
    CHECK(count(svg, "<title>") == actions);
    CHECK(count(svg, "<rect") - count(svg, "</rect>") <= 6);  // background and legend
    CHECK(svg.find("<svg xmlns=") == 0);
    CHECK(svg.rfind("</svg>\n") == svg.size() - 7);
  }
  const Schedule s = build_schedule("gpipe", 2, 2, 1);
  const std::string svg = draw_svg(s, simulate(s, {}), {});
  // 15 pixels a unit from 64 on; B takes two. Rows of 26 from 48 on.
  CHECK(count(svg, "<rect x=\"64\" y=\"50\" width=\"15\" height=\"22\" fill=\"#2f6db3\"") == 1);
  CHECK(count(svg, "<title>1B0: 3 to 5</title>") == 1);
  CHECK(count(svg, "<rect x=\"109\" y=\"76\" width=\"30\"") == 1);
  Schedule named = s;
  named.name = "<b>&\"";
  CHECK(count(draw_svg(named, simulate(named, {}), {}), "&lt;b&gt;&amp;&quot;") == 1);
}

TEST_CASE("SVG: too many boxes for a picture") {
  const Schedule s = build_schedule("gpipe", 64, 2048, 1);
  CHECK(lacks(usage_message([&] { draw_svg(s, simulate(s, {}), {}); }), {"too many"}) == "");
}

TEST_CASE("the narrowest picture, the most boxes, and the largest numbers of few actions") {
  const Schedule s = build_schedule("1f1b", 2, 2, 1);
  const Timing t = simulate(s, {});
  const auto narrow = [&](int columns) {
    return refuses("at least 30 are needed", [&] { draw_grid(s, t, {.columns = columns}); });
  };
  CHECK(!narrow(30));
  CHECK(narrow(29));
  const auto boxes = [](int count) {
    const Schedule forward = build_schedule("forward_only", 1, count, 1);
    return refuses("at most 200000", [&] { draw_svg(forward, simulate(forward, {}), {}); });
  };
  CHECK(!boxes(200'000));
  CHECK(boxes(200'001));
  CHECK(refusal("0F4099\n") == "no error");  // 4100 places: 4 an action, and 4096
  CHECK(lacks(refusal("0F4100\n"), {"1 actions for 1 stages and 4101 micro-batches"}) == "");
  CHECK(refusal("0F0,1F0\n") == "no error");
}

}  // namespace shardpipe
