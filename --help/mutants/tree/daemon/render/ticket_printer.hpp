// Prints the tickets of one kind of an event: what they share is drawn and compressed once, the rest per
// ticket.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "banded_png.hpp"
#include "ink.hpp"
#include "layout.hpp"
#include "picture.hpp"

namespace mogiri::daemon {

// Placeholder → text.
using Texts = std::map<std::string, std::string, std::less<>>;

// Immutable once made; any number of threads may print with one.
class TicketPrinter {
  public:
    // `shared`: the placeholders that are the same on every ticket. `language`: "ja" or "en". `code`: one as
    // long as all of them. Throws LayoutError (a box outside of the picture, a QR too small) and
    // PictureError.
    TicketPrinter(const Layout& layout, const Texts& shared, std::string language, std::string_view code);

    // A PNG file. `own`: this ticket's placeholders.
    std::string print(std::string_view code, const Texts& own) const;

  private:
    struct OwnText {
        TextPlace place;
        Ink ink;
    };
    // The rows that are the same on no two tickets, as they are before anything is drawn on them.
    struct Band {
        int top;
        Picture rows;
    };

    void draw_shared_texts(Picture& picture, const Layout& layout);
    void keep_bands(const Picture& picture);
    void draw_qr(std::vector<Picture>& bands, std::string_view code) const;
    // The band that holds the box, whole.
    std::size_t band_of(const Rectangle& box) const;

    std::string language_;
    Texts shared_;
    QrPlace qr_;
    Pixel dark_, light_;
    std::vector<OwnText> texts_;
    std::vector<Band> bands_;
    std::optional<BandedPng> png_;
};

} // namespace mogiri::daemon
