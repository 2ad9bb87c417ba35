// A QR symbol as a picture of its own, dark on white with its quiet zone.
#include "qr_picture.hpp"

#include <stdexcept>

#include <zlib.h>

#include "picture.hpp"
#include "png_chunk.hpp"

namespace mogiri::daemon {

namespace {

constexpr int quiet_zone = 4, module_pixels = 8; // ISO 18004 wants a quiet zone of 4 modules

bool dark_at(const QrSymbol& symbol, int x, int y) {
    return x >= 0 && y >= 0 && x < symbol.width() && y < symbol.width() && symbol.dark(x, y);
}

} // namespace

std::string qr_svg(const QrSymbol& symbol) {
    const std::string size = std::to_string(symbol.width() + 2 * quiet_zone);
    std::string path;
    for (int y = 0; y < symbol.width(); ++y)
        for (int x = 0; x < symbol.width(); ++x)
            if (symbol.dark(x, y))
                path +=
                    "M" + std::to_string(x + quiet_zone) + " " + std::to_string(y + quiet_zone) + "h1v1h-1z";
    return R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + size + " " + size +
           R"(" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h)" + size + "v" + size + "h-" + size +
           R"(z"/><path d=")" + path + R"("/></svg>)";
}

std::string qr_png(const QrSymbol& symbol) {
    const int size = (symbol.width() + 2 * quiet_zone) * module_pixels;
    std::string rows;
    for (int y = 0; y < size; ++y) {
        rows += '\0'; // no filter
        for (int x = 0; x < size; ++x)
            rows +=
                dark_at(symbol, x / module_pixels - quiet_zone, y / module_pixels - quiet_zone) ? '\1' : '\0';
    }
    std::string packed(compressBound(rows.size()), '\0');
    uLongf length = packed.size();
    if (compress(reinterpret_cast<Bytef*>(packed.data()), &length,
                 reinterpret_cast<const Bytef*>(rows.data()), rows.size()) != Z_OK)
        throw std::runtime_error("zlib packs nothing");
    packed.resize(length);
    std::string file = png_head(Picture(size, size, {{255, 255, 255}, {0, 0, 0}}, {}));
    append_chunk(file, "IDAT", packed);
    append_chunk(file, "IEND", "");
    return file;
}

} // namespace mogiri::daemon
