// A QR symbol on a terminal: two modules in a character, by half blocks.
#pragma once

#include <string>

#include "render/qr_symbol.hpp"

namespace mogiri::daemon {

// Lines with their ends. `coloured`: black on white by escape sequences; without it light modules are drawn,
// which is right where the terminal is dark, as most are.
std::string terminal_qr(const QrSymbol& symbol, bool coloured);

} // namespace mogiri::daemon
