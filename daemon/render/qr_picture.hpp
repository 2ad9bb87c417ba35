// A QR symbol as a picture of its own, dark on white with its quiet zone: for what a screen shows.
#pragma once

#include <string>

#include "qr_symbol.hpp"

namespace mogiri::daemon {

// As large as it is shown.
std::string qr_svg(const QrSymbol& symbol);
// 8 pixels a module.
std::string qr_png(const QrSymbol& symbol);

} // namespace mogiri::daemon
