#include "ticket_printer.hpp"

#include <numeric>

#include "placement.hpp"
#include "text_mask.hpp"

namespace mogiri::daemon {

namespace {

// Tickets like those to come, by which the rows' code is made.
struct Sample {
    const char *guest, *reference;
    char other;
};
constexpr Sample samples[] = {{"山田 花子", "7K2MQ9TX", 'Q'}, {"Alexander Smith", "W4NB3ZRA", '7'}};

} // namespace

TicketPrinter::TicketPrinter(const Layout& layout, const Texts& shared, std::string language,
                             std::string_view code)
    : language_(std::move(language)), shared_(shared), error_correction_(layout.qr.error_correction) {
    Picture picture = read_background(layout);
    require_room(layout, picture.bounds());
    draw_shared_texts(picture, layout);
    place_qr(picture, layout, code);
    place_own_texts(picture, layout);

    std::vector<Drawings> drawn;
    for (const Sample& sample : samples) {
        std::string varied(code);
        for (std::size_t at = 0; at < varied.size(); at += 2)
            varied[at] = sample.other;
        drawn.push_back(draw(varied, {{"guest", sample.guest},
                                      {"reference", sample.reference},
                                      {"applicant", "S2E12"},
                                      {"position", "1"},
                                      {"count", "2"}}));
    }
    png_.emplace(picture, fields(), drawn);
}

void TicketPrinter::place_qr(Picture& picture, const Layout& layout, std::string_view code) {
    const QrPlace& qr = layout.qr;
    const CodePlace place = place_code(layout, code);
    grid_.box = place.box, grid_.modules = place.modules, grid_.module = place.module;
    grid_.dark = picture.pixel_for(qr.dark);
    grid_.light = picture.pixel_for(qr.light);
    grid_.pixel_bytes = static_cast<std::size_t>(picture.pixel_bytes());
    picture.fill(qr.box(), grid_.light);
}

void TicketPrinter::draw_shared_texts(Picture& picture, const Layout& layout) {
    for (const TextPlace& place : layout.texts)
        if (is_filled_by(place.in(language_), shared_))
            Ink(picture, place.box, place.colour)
                .draw(picture, draw_text(place, filled(place.in(language_), {}, shared_), language_));
}

void TicketPrinter::place_own_texts(Picture& picture, const Layout& layout) {
    const CodePlace code{grid_.box, grid_.modules, grid_.module};
    for (const TextGroup& group : group_own_texts(layout, code, shared_, language_)) {
        TextField field{TextGround(picture, group.box), {}};
        for (const TextPlace* place : group.places)
            field.texts.push_back({*place, Ink(picture, place->box, place->colour)});
        text_fields_.push_back(std::move(field));
    }
}

std::vector<Field> TicketPrinter::fields() const {
    std::vector<Field> fields{{grid_.box, grid_.rows()}};
    for (const TextField& field : text_fields_) {
        const Rectangle& box = field.ground.box();
        std::vector<int> rows(static_cast<std::size_t>(box.height));
        std::iota(rows.begin(), rows.end(), box.y);
        fields.push_back({box, std::move(rows)});
    }
    return fields;
}

Drawings TicketPrinter::draw(std::string_view code, const Texts& own) const {
    Drawings drawings;
    QrSymbol symbol(code, error_correction_);
    if (symbol.width() != grid_.modules)
        throw LayoutError(
            "a code of " + std::to_string(code.size()) +
            " characters needs another QR symbol than the one that the ticket was laid out for");
    drawings.push_back(std::make_unique<QrDrawing>(grid_, std::move(symbol)));
    for (const TextField& field : text_fields_) {
        std::vector<InkedText> texts;
        for (const OwnText& text : field.texts)
            texts.push_back({&text.ink, draw_text(text.place, filled(text.place.in(language_), own, shared_),
                                                  language_)});
        drawings.push_back(std::make_unique<TextDrawing>(field.ground, std::move(texts)));
    }
    return drawings;
}

void TicketPrinter::print(std::string_view code, const Texts& own, std::string& file) const {
    png_->write(draw(code, own), file);
}

std::string TicketPrinter::print(std::string_view code, const Texts& own) const {
    std::string file;
    print(code, own, file);
    return file;
}

} // namespace mogiri::daemon
