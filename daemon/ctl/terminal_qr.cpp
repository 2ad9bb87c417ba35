// A QR symbol on a terminal: two modules in a character, by half blocks.
#include "ctl/terminal_qr.hpp"

namespace mogiri::daemon {

namespace {

constexpr int quiet_zone = 4;

} // namespace

std::string terminal_qr(const QrSymbol& symbol, bool coloured) {
    const auto drawn = [&](int x, int y) {
        const bool dark = x >= 0 && y >= 0 && x < symbol.width() && y < symbol.width() && symbol.dark(x, y);
        return dark == coloured;
    };
    std::string lines;
    for (int y = -quiet_zone; y < symbol.width() + quiet_zone; y += 2) {
        lines += coloured ? "\033[30;107m" : "";
        for (int x = -quiet_zone; x < symbol.width() + quiet_zone; ++x) {
            const bool above = drawn(x, y), below = drawn(x, y + 1);
            lines += above && below ? "█" : above ? "▀" : below ? "▄" : " ";
        }
        lines += coloured ? "\033[0m\n" : "\n";
    }
    return lines;
}

} // namespace mogiri::daemon
