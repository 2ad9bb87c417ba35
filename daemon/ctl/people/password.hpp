// A password: asked for on the terminal or read from a file, and kept only as an argon2id hash.
#pragma once

#include <string>

namespace mogiri::daemon {

// Asks twice, without echo. Throws CommandFailure when there is no terminal or the two differ.
std::string ask_for_password(const std::string& whose);

// The first line of a file; "-" is standard input. Throws CommandFailure.
std::string read_password(const std::string& file);

// "$argon2id$…". Throws CommandFailure for a password that is too short to keep anybody out.
std::string hash_new_password(const std::string& password);

} // namespace mogiri::daemon
