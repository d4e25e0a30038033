#include "viz/report/html.h"

#include "core/base/error.h"
#include "core/base/markup.h"

namespace shardpipe::viz {
namespace {

constexpr const char* kStyle = R"(
:root { --paper: #ffffff; --ink: #1c1f24; --dim: #626974; --line: #dfe3e9; --card: #f8f9fb;
        --good: #007855; --bad: #b41e78; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16191e; --ink: #e2e5ea; --dim: #969ca6; --line: #2e333c; --card: #1b1e24;
          --good: #3cdca0; --bad: #ff96cd; } }
body { background: var(--paper); color: var(--ink); max-width: 1180px; margin: 0 auto;
       padding: 24px; font: 15px/1.55 "DejaVu Sans", Verdana, sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 48px 0 4px; }
h3 { font-size: 15px; margin: 24px 0 4px; }
p { margin: 4px 0 10px; max-width: 76ch; } p.dim, figcaption { color: var(--dim); }
table { border-collapse: collapse; margin: 8px 0 16px; font-size: 13px; }
th, td { padding: 3px 14px 3px 0; text-align: right; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: normal; }
th:first-child, td:first-child { text-align: left; }
td.good { color: var(--good); } td.bad { color: var(--bad); }
figure { margin: 12px 0; padding: 8px 0; background: var(--card); overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
ol { padding-left: 22px; max-width: 88ch; } li { margin: 4px 0; } nav a { margin-right: 16px; }
a { color: inherit; }
.dark { display: none; }
@media (prefers-color-scheme: dark) { .dark { display: block; } .light { display: none; } }
)";

std::string row_html(const char* tag, const std::vector<std::string>& cells, const char* last) {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool is_marked = i + 1 == cells.size() && *last != '\0';
    out += text("<", tag, is_marked ? text(" class=\"", last, "\"") : "", ">", escaped(cells[i]),
                "</", tag, ">");
  }
  return out + "</tr>\n";
}

const char* name_of(Tone tone) {
  return tone == Tone::good ? "good" : tone == Tone::bad ? "bad" : "";
}

}  // namespace

std::string element(const std::string& tag, const std::string& inside) {
  return text("<", tag, ">", inside, "</", tag.substr(0, tag.find(' ')), ">\n");
}

std::string paragraph(const std::string& words) { return element("p", escaped(words)); }

std::string table_html(const Table& table) {
  std::string rows = row_html("th", table.columns, "");
  for (const Table::Row& row : table.rows) rows += row_html("td", row.cells, name_of(row.tone));
  return element("table", "\n" + rows);
}

std::string page_html(const std::string& title, const std::string& body) {
  return text("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n",
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n",
              element("title", escaped(title)), element("style", kStyle), "</head>\n<body>\n",
              element("h1", escaped(title)), body, "</body>\n</html>\n");
}

}  // namespace shardpipe::viz
