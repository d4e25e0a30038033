// What known wrong answers do on the inputs of kSignatureSeed, remembered beside their library: so
// a check that fails runs the learner's answer and none of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shardpipe {

// Of known wrong answers, by name: the digest of Trial::signature.
using Signatures = std::map<std::string, std::string>;

std::string digest_of(const std::string& words);  // 16 hexadecimal digits

// The file of a library, "known_ID.signatures", and the digest of all that decides what is in it:
// that library, the program that grades, the kit's library beside it and the grading machine.
std::string signatures_file(const std::string& known_library);
std::string signatures_key(const std::string& known_library, const std::string& grader);

// A line each, and one that shows that all are there and as they were written.
std::string text_of(const Signatures& signatures, const std::string& key);
// Nothing: there is no such file, it is of another key, or it is damaged.
std::optional<Signatures> read_signatures(const std::string& file, const std::string& key);

}  // namespace shardpipe
