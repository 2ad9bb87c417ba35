// The Redis function library (functions/*.lua), compiled in, for the daemon to load.
#pragma once

#include <string_view>

namespace mogiri {

inline constexpr std::string_view function_library_name = "mogiri";

// For FUNCTION LOAD REPLACE.
std::string_view function_library();

} // namespace mogiri
