"""Is a report well-formed and complete in itself? Usage: report_check.py LAB_REPORT TRACE... """
import html.parser
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

VOID = {"meta", "br", "hr", "img", "link"}


class Checker(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.faults, self.ids, self.links = [], [], set(), []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.look(tag, attributes)

    def handle_startendtag(self, tag, attributes):
        self.look(tag, attributes)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at {self.getpos()}")

    def look(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                if value in self.ids:
                    self.faults.append(f"id {value} twice")
                self.ids.add(value)
            if name in ("href", "xlink:href"):
                self.links.append(value)
            if name == "src" or name.startswith("on") or tag in ("script", "link", "img", "iframe"):
                self.faults.append(f"<{tag} {name}> reaches outside of the page")


def check(page):
    checker = Checker()
    checker.feed(page)
    checker.close()
    faults = checker.faults + [f"<{tag}> is not closed" for tag in checker.open]
    faults += [f"link to {link}" for link in checker.links
               if not link.startswith("#") or link[1:] not in checker.ids]
    faults += [f"clip {name}" for name in re.findall(r"url\(#(\w+)\)", page)
               if name not in checker.ids]
    addresses = set(re.findall(r"(?:https?:)?//[\w.]+[^\s\"'<]*|@import", page))
    faults += [f"address {a}" for a in addresses if a != "http://www.w3.org/2000/svg"]
    xml.etree.ElementTree.fromstring(page.split("\n", 1)[1])
    return faults


if check("<!DOCTYPE html>\n<a href='http://example.org'>x</a>") == []:
    sys.exit("the check sees no fault in a link to the outside")
with tempfile.TemporaryDirectory() as folder:
    out = f"{folder}/report.html"
    traces = sys.argv[2:]
    subprocess.run([sys.argv[1], *traces, "--pair", traces[0], traces[-1], "--out", out],
                   check=True, stderr=subprocess.DEVNULL)
    with open(out, encoding="utf-8") as file:
        faults = check(file.read())
print("\n".join(faults) or "the report is well-formed and reaches nothing outside")
sys.exit(bool(faults))
