#include "ticket_printer.hpp"

#include <algorithm>

#include "qr_symbol.hpp"
#include "text_mask.hpp"

namespace mogiri::daemon {

namespace {

// Smaller modules are hard to read from a phone.
constexpr int smallest_module = 4;

// Calls `found` for each placeholder's name and `literal` for the text between them.
template <typename Literal, typename Found> void walk(std::string_view text, Literal literal, Found found) {
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        literal(text.substr(0, open));
        const std::size_t close = text.find('}', open);
        if (close == text.npos)
            return;
        found(text.substr(open + 1, close - open - 1));
        text.remove_prefix(close + 1);
    }
}

bool is_shared(std::string_view text, const Texts& shared) {
    bool all = true;
    walk(
        text, [](std::string_view) {}, [&](std::string_view name) { all = all && shared.contains(name); });
    return all;
}

std::string filled(std::string_view text, const Texts& own, const Texts& shared) {
    std::string result;
    walk(
        text, [&](std::string_view literal) { result += literal; },
        [&](std::string_view name) {
            if (const auto value = own.find(name); value != own.end())
                result += value->second;
            else if (const auto common = shared.find(name); common != shared.end())
                result += common->second;
        });
    return result;
}

} // namespace

TicketPrinter::TicketPrinter(const Layout& layout, const Texts& shared, std::string language,
                             std::string_view code)
    : language_(std::move(language)), shared_(shared), qr_(layout.qr) {
    Picture picture = Picture::read_png(layout.background);
    const auto check = [&](const Rectangle& box, const std::string& what) {
        const Rectangle inside = box.within(picture.bounds());
        if (inside.width != box.width || inside.height != box.height)
            throw LayoutError(layout.file.string() + ": " + what + " reaches beyond the picture, which is " +
                              std::to_string(picture.width()) + "x" + std::to_string(picture.height()));
    };
    check(qr_.box(), "qr");
    const int modules = QrSymbol(code, qr_.error_correction).width() + 2 * qr_.quiet_zone;
    if (qr_.size < modules * smallest_module)
        throw LayoutError(layout.file.string() + ": qr.size = " + std::to_string(qr_.size) +
                          ": must be at least " + std::to_string(modules * smallest_module) +
                          " for codes of " + std::to_string(code.size()) + " characters");
    dark_ = picture.pixel_for(qr_.dark);
    light_ = picture.pixel_for(qr_.light);
    for (std::size_t index = 0; index < layout.texts.size(); ++index)
        check(layout.texts[index].box, "text[" + std::to_string(index) + "]");
    draw_shared_texts(picture, layout);
    keep_bands(picture);
}

void TicketPrinter::draw_shared_texts(Picture& picture, const Layout& layout) {
    for (const TextPlace& place : layout.texts) {
        if (!is_shared(place.in(language_), shared_))
            continue;
        const Ink ink(picture, place.box, place.colour);
        ink.draw(picture, 0, set_text(place, filled(place.in(language_), {}, shared_), language_));
    }
    for (const TextPlace& place : layout.texts)
        if (!is_shared(place.in(language_), shared_))
            texts_.push_back({place, Ink(picture, place.box, place.colour)});
}

void TicketPrinter::keep_bands(const Picture& picture) {
    std::vector<RowRange> boxes{{qr_.box().y, qr_.box().bottom()}};
    for (const OwnText& text : texts_)
        boxes.push_back({text.place.box.y, text.place.box.bottom()});
    std::sort(boxes.begin(), boxes.end(), [](RowRange one, RowRange other) { return one.top < other.top; });
    std::vector<RowRange> bands;
    for (const RowRange box : boxes) {
        if (bands.empty() || box.top > bands.back().bottom)
            bands.push_back(box);
        else
            bands.back().bottom = std::max(bands.back().bottom, box.bottom);
    }
    for (const RowRange band : bands)
        bands_.push_back({band.top, picture.rows(band.top, band.count())});
    png_.emplace(picture, std::move(bands));
}

std::size_t TicketPrinter::band_of(const Rectangle& box) const {
    std::size_t index = bands_.size() - 1;
    while (bands_[index].top > box.y)
        --index;
    return index;
}

void TicketPrinter::draw_qr(std::vector<Picture>& bands, std::string_view code) const {
    const QrSymbol symbol(code, qr_.error_correction);
    const std::size_t index = band_of(qr_.box());
    Picture& band = bands[index];
    const Rectangle box{qr_.x, qr_.y - bands_[index].top, qr_.size, qr_.size};
    band.fill(box, light_);
    // Whole pixels to a module; what is left over widens the quiet zone.
    const int module = qr_.size / (symbol.width() + 2 * qr_.quiet_zone);
    const int margin = (qr_.size - module * symbol.width()) / 2;
    for (int y = 0; y < symbol.width(); ++y)
        for (int x = 0; x < symbol.width(); ++x)
            if (symbol.dark(x, y))
                band.fill({box.x + margin + x * module, box.y + margin + y * module, module, module}, dark_);
}

std::string TicketPrinter::print(std::string_view code, const Texts& own) const {
    std::vector<Picture> bands;
    for (const Band& band : bands_)
        bands.push_back(band.rows);
    draw_qr(bands, code);
    for (const OwnText& text : texts_) {
        const std::size_t index = band_of(text.place.box);
        text.ink.draw(bands[index], bands_[index].top,
                      set_text(text.place, filled(text.place.in(language_), own, shared_), language_));
    }
    return png_->write(bands);
}

} // namespace mogiri::daemon
