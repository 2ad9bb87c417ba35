#include "png_chunk.hpp"

#include <libdeflate.h>

namespace mogiri::daemon {

void append_number(std::string& out, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>(number >> shift);
}

void append_chunk(std::string& out, std::string_view type, std::string_view data) {
    append_number(out, static_cast<std::uint32_t>(data.size()));
    const std::size_t from = out.size();
    out.append(type).append(data);
    append_number(out, libdeflate_crc32(0, out.data() + from, out.size() - from));
}

std::string png_head(const Picture& picture) {
    std::string header;
    append_number(header, static_cast<std::uint32_t>(picture.width()));
    append_number(header, static_cast<std::uint32_t>(picture.height()));
    header += '\x08';                              // bits of a sample
    header += picture.indexed() ? '\x03' : '\x02'; // palette, or RGB
    header.append(3, '\0');                        // deflate, PNG's filters, not interlaced
    std::string head = "\x89PNG\r\n\x1a\n";
    append_chunk(head, "IHDR", header);
    if (picture.indexed()) {
        std::string palette;
        for (const Colour colour : picture.palette())
            for (const std::uint8_t part : {colour.red, colour.green, colour.blue})
                palette += static_cast<char>(part);
        append_chunk(head, "PLTE", palette);
    }
    return head;
}

} // namespace mogiri::daemon
