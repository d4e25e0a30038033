// docs/claims/*.toml: what a page says, sentence by sentence, and why it is true.
//   page = "docs/memory.md"    or pages = "docs/why", a folder: then each claim below names its
//                              page of it, page = "AG-ADDS"
//   complete = true            every sentence of it that counts, bounds or compares is quoted
//   [commands]                 of ./lab; what they print as JSON has this name in relations, as the
//   tp2 = "run tp-mlp --tp 2"  page's own computed tables have the name page. Also of a run's
//                              trace: "run tp-mlp --tp 2 | trace what-if"
//                              A page of docs/why has the document mistake (known_codes.h)
//   [[claim]]                  quote, relation (relation.h)
//   [[measured]]               quote, command, machine, date: once, and not held against a run
//   [[cited]]                  quote, source: paper and section; or "FILE: words" that stand there
//   [[definition]]             quote: what a word or a letter means, what an example starts from
//   [[graded]]                 quote: what the wrong answer does that the page is of, or what to
//                              write instead; `./lab dev verify` runs both, and sees which is which
//   [[planted]]                quote, bugs: rows of docs/planted_bugs.md; tests/planted_bugs runs
//   them
// A quote is a sentence or a part of one as it stands in the page, or a list of them.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace shardpipe {

enum class ClaimKind { claim, measured, cited, definition, planted, graded };

struct Claim {
  ClaimKind kind = ClaimKind::claim;
  std::string quote = {};
  std::string relation = {};  // of a claim
  std::string source = {};    // cited: its source; measured: command, machine and date
  std::vector<std::string> bugs = {};
};

struct PageClaims {
  std::string file = {}, page = {};  // below the root
  bool complete = false;
  std::map<std::string, std::string> commands = {};
  std::vector<Claim> claims = {};
};

// Of one page, or of each file of a folder, with or without claims. Error(fault) that names the
// file and what it lacks.
std::vector<PageClaims> read_claims(const std::string& file);
std::vector<PageClaims> all_claims();

}  // namespace shardpipe
