// Prints the tickets of one kind of an event: what they share is drawn and compressed once, the rest per
// ticket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "banded_png.hpp"
#include "field_drawing.hpp"
#include "layout.hpp"
#include "picture.hpp"
#include "placeholders.hpp"

namespace mogiri::daemon {

// Immutable once made; any number of threads may print with one.
class TicketPrinter {
  public:
    // `shared`: the placeholders that are the same on every ticket. `language`: "ja" or "en". `code`: one as
    // long as all of them. Throws LayoutError (a box outside of the picture, a QR too small, a
    // background that cannot be read).
    TicketPrinter(const Layout& layout, const Texts& shared, std::string language, std::string_view code);

    // Drawings look back on it.
    TicketPrinter(const TicketPrinter&) = delete;
    TicketPrinter& operator=(const TicketPrinter&) = delete;

    // A PNG file. `own`: this ticket's placeholders.
    std::string print(std::string_view code, const Texts& own) const;
    // The same into `file`, whose room is used again.
    void print(std::string_view code, const Texts& own, std::string& file) const;

  private:
    struct OwnText {
        TextPlace place;
        Ink ink;
    };
    // Texts whose boxes lie on one another are one field.
    struct TextField {
        TextGround ground;
        std::vector<OwnText> texts;
    };

    void place_qr(Picture& picture, const Layout& layout, std::string_view code);
    void draw_shared_texts(Picture& picture, const Layout& layout);
    void place_own_texts(Picture& picture, const Layout& layout);
    std::vector<Field> fields() const;
    Drawings draw(std::string_view code, const Texts& own) const;

    std::string language_;
    Texts shared_;
    ErrorCorrection error_correction_;
    QrGrid grid_;
    std::vector<TextField> text_fields_;
    std::optional<BandedPng> png_;
};

} // namespace mogiri::daemon
