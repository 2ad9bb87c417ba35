#include "ticket_pdf.hpp"

#include <algorithm>
#include <stdexcept>

#include <cairo-pdf.h>

#include "../owned.hpp"
#include "placement.hpp"
#include "text_line.hpp"

namespace mogiri::daemon {

namespace {

using Surface = Owned<cairo_surface_t, cairo_surface_destroy>;
using Cairo = Owned<cairo_t, cairo_destroy>;

constexpr double inch = 72; // points
constexpr double a4_width = 210 / 25.4 * inch, a4_height = 297 / 25.4 * inch, margin = 10 / 25.4 * inch;

void set_colour(cairo_t* cairo, Colour colour) {
    cairo_set_source_rgb(cairo, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
}

Surface surface_of(const Picture& picture) {
    Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture.width(), picture.height()));
    if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
        throw std::bad_alloc();
    cairo_surface_flush(surface.get());
    unsigned char* rows = cairo_image_surface_get_data(surface.get());
    const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
    for (int y = 0; y < picture.height(); ++y) {
        auto* out = reinterpret_cast<std::uint32_t*>(rows + y * stride);
        const std::uint8_t* in = picture.row(y);
        for (int x = 0; x < picture.width(); ++x, in += picture.pixel_bytes()) {
            const Colour colour = picture.indexed() ? picture.palette()[*in] : Colour{in[0], in[1], in[2]};
            out[x] = static_cast<std::uint32_t>(colour.red << 16 | colour.green << 8 | colour.blue);
        }
    }
    cairo_surface_mark_dirty(surface.get());
    return surface;
}

void draw_code(cairo_t* cairo, const Layout& layout, std::string_view code) {
    const QrPlace& qr = layout.qr;
    const CodePlace place = place_code(layout, code);
    const QrSymbol symbol(code, qr.error_correction);
    set_colour(cairo, qr.light);
    cairo_rectangle(cairo, qr.x, qr.y, qr.size, qr.size);
    cairo_fill(cairo);
    // One path: between squares that were filled one by one a viewer shows seams.
    for (int y = 0; y < place.modules; ++y)
        for (int x = 0; x < place.modules; ++x)
            if (symbol.dark(x, y))
                cairo_rectangle(cairo, place.box.x + x * place.module, place.box.y + y * place.module,
                                place.module, place.module);
    set_colour(cairo, qr.dark);
    cairo_fill(cairo);
}

void draw_page(cairo_t* cairo, const Layout& layout, const Picture& background, std::string_view code,
               const Texts& own, const Texts& shared, std::string_view language) {
    const Surface picture = surface_of(background);
    cairo_set_source_surface(cairo, picture.get(), 0, 0);
    cairo_paint(cairo);
    draw_code(cairo, layout, code);
    for (const TextPlace& place : layout.texts) {
        const TextLine line = set_line(place, filled(place.in(language), own, shared), language);
        set_colour(cairo, place.colour);
        cairo_move_to(cairo, line.x, line.y);
        pango_cairo_show_layout(cairo, line.layout.get());
    }
}

cairo_status_t append(void* file, const unsigned char* data, unsigned length) {
    static_cast<std::string*>(file)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

} // namespace

std::string ticket_pdf(const Layout& layout, Paper paper, std::string_view code, const Texts& own,
                       const Texts& shared, std::string_view language) {
    const Picture background = read_background(layout);
    require_room(layout, background.bounds());
    group_own_texts(layout, place_code(layout, code), shared, language);

    double scale = inch / layout.resolution, left = 0, top = 0;
    double width = background.width() * scale, height = background.height() * scale;
    if (paper == Paper::a4) {
        const double fit =
            std::min({1.0, (a4_width - 2 * margin) / width, (a4_height - 2 * margin) / height});
        scale *= fit;
        left = (a4_width - width * fit) / 2, top = (a4_height - height * fit) / 2;
        width = a4_width, height = a4_height;
    }
    std::string file;
    const Surface surface(cairo_pdf_surface_create_for_stream(append, &file, width, height));
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE,
                                   filled(language == "en" ? "{event_en}" : "{event}", own, shared).c_str());
    {
        const Cairo cairo(cairo_create(surface.get()));
        cairo_translate(cairo.get(), left, top);
        cairo_scale(cairo.get(), scale, scale);
        draw_page(cairo.get(), layout, background, code, own, shared, language);
        cairo_show_page(cairo.get());
    }
    cairo_surface_finish(surface.get());
    if (const cairo_status_t status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
        throw std::runtime_error(std::string("cairo writes no PDF: ") + cairo_status_to_string(status));
    return file;
}

} // namespace mogiri::daemon
