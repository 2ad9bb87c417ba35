#include "ticket_printer.hpp"

#include <algorithm>
#include <numeric>

#include "text_mask.hpp"

namespace mogiri::daemon {

namespace {

// Smaller modules are hard to read from a phone.
constexpr int smallest_module = 4;

bool overlap(const Rectangle& one, const Rectangle& other) {
    const Rectangle both = one.within(other);
    return both.width > 0 && both.height > 0;
}

Rectangle around(const Rectangle& one, const Rectangle& other) {
    const int left = std::min(one.x, other.x), top = std::min(one.y, other.y);
    return {left, top, std::max(one.right(), other.right()) - left,
            std::max(one.bottom(), other.bottom()) - top};
}

// Boxes that share no pixel, each around the places that it names.
struct Group {
    Rectangle box;
    std::vector<const TextPlace*> places;
};

std::vector<Group> grouped(const std::vector<const TextPlace*>& places) {
    std::vector<Group> groups;
    for (const TextPlace* place : places) {
        Group group{place->box, {place}};
        for (std::size_t index = 0; index < groups.size();)
            if (overlap(groups[index].box, group.box)) {
                group.box = around(groups[index].box, group.box);
                group.places.insert(group.places.begin(), groups[index].places.begin(),
                                    groups[index].places.end());
                groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(index));
                index = 0; // larger now, it may lie on those before it
            } else {
                ++index;
            }
        groups.push_back(std::move(group));
    }
    return groups;
}

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
    Picture picture = Picture::read(layout.background);
    const auto check = [&](const Rectangle& box, const std::string& what) {
        const Rectangle inside = box.within(picture.bounds());
        if (inside.width != box.width || inside.height != box.height)
            throw LayoutError(layout.file.string() + ": " + what + " reaches beyond the picture, which is " +
                              std::to_string(picture.width()) + "x" + std::to_string(picture.height()));
    };
    check(layout.qr.box(), "qr");
    for (std::size_t index = 0; index < layout.texts.size(); ++index)
        check(layout.texts[index].box, "text[" + std::to_string(index) + "]");
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
    grid_.modules = QrSymbol(code, qr.error_correction).width();
    const int modules = grid_.modules + 2 * qr.quiet_zone;
    // Whole pixels to a module; what is left over widens the quiet zone.
    grid_.module = (qr.size - 2) / modules;
    if (grid_.module < smallest_module)
        throw LayoutError(layout.file.string() + ": qr.size = " + std::to_string(qr.size) +
                          ": must be at least " + std::to_string(modules * smallest_module + 2) +
                          " for codes of " + std::to_string(code.size()) + " characters");
    const int side = grid_.module * grid_.modules, margin = (qr.size - side) / 2;
    grid_.box = {qr.x + margin, qr.y + margin, side, side};
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
    std::vector<const TextPlace*> own;
    for (const TextPlace& place : layout.texts)
        if (!is_filled_by(place.in(language_), shared_))
            own.push_back(&place);
    for (const Group& group : grouped(own)) {
        const Rectangle code{grid_.box.x, grid_.box.y, grid_.box.width, grid_.box.height + 1};
        if (overlap(group.box, code))
            throw LayoutError(layout.file.string() + ": text[" +
                              std::to_string(group.places.front() - layout.texts.data()) +
                              "] lies on the qr, which could not be read then: move it, or make its width or "
                              "height smaller");
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
