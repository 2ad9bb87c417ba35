// The door list on paper: a PDF on A4, by name and by reference, day by day.
#include "door_list.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "../owned.hpp"
#include "export.hpp"

namespace mogiri::daemon {

namespace {

// In points. A row is high enough for two lines of the smallest letters.
constexpr double page_width = 595.28, page_height = 841.89, margin = 40, head_height = 62, row_height = 16.5;
constexpr double usual_size = 9.5, smallest_size = 5.5;
constexpr int rows_a_page = static_cast<int>((page_height - 2 * margin - head_height - 14) / row_height);
constexpr const char *letters = "Noto Sans CJK JP", *figures = "Noto Sans Mono CJK JP";

struct Guest {
    std::string name, reference, kind, applicant;
    std::int64_t people, entries;
};

struct Sheet {
    std::string event, day, made, order; // as the heads say them
    bool by_reference;
};

struct Column {
    double left, width;
};

// A PDF that goes to a sink as cairo makes it. C passes no exceptions on: what the sink threw is kept.
class Paper {
  public:
    Paper(ExportSink& sink, const std::string& title) : sink_(sink) {
        surface_.reset(cairo_pdf_surface_create_for_stream(&Paper::take, this, page_width, page_height));
        cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_TITLE, title.c_str());
        cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATOR, "mogiri");
        cairo_.reset(cairo_create(surface_.get()));
        layout_.reset(pango_cairo_create_layout(cairo_.get()));
        pango_context_set_language(pango_layout_get_context(layout_.get()), pango_language_from_string("ja"));
    }
    Paper(const Paper&) = delete;
    Paper& operator=(const Paper&) = delete;

    // Smaller where it does not fit, then on two lines; nothing of a name is left out while anybody can
    // read it. `share`: of the room that is left, before it.
    void text(std::string text, Column place, double middle, const char* font = letters,
              double size = usual_size, bool bold = false, double share = 0) {
        std::ranges::replace_if(
            text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
        pango_layout_set_text(layout_.get(), text.c_str(), static_cast<int>(text.size()));
        pango_layout_set_width(layout_.get(), -1);
        pango_layout_set_single_paragraph_mode(layout_.get(), TRUE);
        int width = 0, height = 0;
        for (;; size = std::max(size * 0.93, smallest_size)) {
            set_font(font, size, bold);
            pango_layout_get_size(layout_.get(), &width, &height);
            if (width <= place.width * PANGO_SCALE || size <= smallest_size)
                break;
        }
        for (; width > place.width * PANGO_SCALE; size *= 0.9) {
            set_font(font, size, bold);
            pango_layout_set_width(layout_.get(), static_cast<int>(place.width * PANGO_SCALE));
            pango_layout_set_wrap(layout_.get(), PANGO_WRAP_WORD_CHAR);
            pango_layout_get_size(layout_.get(), &width, &height);
            if (height <= row_height * PANGO_SCALE || size < 1)
                break;
        }
        const double left = (place.width - static_cast<double>(width) / PANGO_SCALE) * share;
        cairo_move_to(cairo_.get(), place.left + left,
                      middle - static_cast<double>(height) / PANGO_SCALE / 2);
        pango_cairo_show_layout(cairo_.get(), layout_.get());
    }

    void line(double y, double thickness) {
        cairo_set_line_width(cairo_.get(), thickness);
        cairo_move_to(cairo_.get(), margin, y);
        cairo_line_to(cairo_.get(), page_width - margin, y);
        cairo_stroke(cairo_.get());
    }

    void shade(double y) {
        cairo_set_source_rgb(cairo_.get(), 0.94, 0.94, 0.94);
        cairo_rectangle(cairo_.get(), margin, y, page_width - 2 * margin, row_height);
        cairo_fill(cairo_.get());
        cairo_set_source_rgb(cairo_.get(), 0, 0, 0);
    }

    void box(double x, double middle, double size = 9) {
        cairo_set_line_width(cairo_.get(), 0.8);
        cairo_rectangle(cairo_.get(), x, middle - size / 2, size, size);
        cairo_stroke(cairo_.get());
    }

    void end_page() {
        cairo_show_page(cairo_.get());
        check();
    }

    void finish() {
        cairo_surface_finish(surface_.get());
        check();
    }

  private:
    static cairo_status_t take(void* paper, const unsigned char* bytes, unsigned int size) noexcept {
        auto& self = *static_cast<Paper*>(paper);
        if (self.failure_)
            return CAIRO_STATUS_WRITE_ERROR;
        try {
            self.piece_.append(reinterpret_cast<const char*>(bytes), size);
            if (self.piece_.size() >= 120 * 1024)
                self.hand_over();
            return CAIRO_STATUS_SUCCESS;
        } catch (...) {
            self.failure_ = std::current_exception();
            return CAIRO_STATUS_WRITE_ERROR;
        }
    }

    void hand_over() {
        std::string piece;
        piece.swap(piece_);
        if (!piece.empty())
            sink_.write(piece);
    }

    void check() {
        if (failure_)
            std::rethrow_exception(failure_);
        const cairo_status_t status = cairo_surface_status(surface_.get());
        if (status != CAIRO_STATUS_SUCCESS)
            throw std::runtime_error(std::string("cairo: ") + cairo_status_to_string(status));
        hand_over();
    }

    void set_font(const char* family, double size, bool bold) {
        const Owned<PangoFontDescription, pango_font_description_free> font(pango_font_description_new());
        pango_font_description_set_family_static(font.get(), family);
        pango_font_description_set_weight(font.get(), bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
        pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
        pango_layout_set_font_description(layout_.get(), font.get());
    }

    ExportSink& sink_;
    std::string piece_;
    std::exception_ptr failure_;
    Owned<cairo_surface_t, cairo_surface_destroy> surface_;
    Owned<cairo_t, cairo_destroy> cairo_;
    Owned<PangoLayout, g_object_unref> layout_;
};

// Where things stand in a row: the reference comes first where people look for it.
struct Columns {
    Column name, reference, kind{margin + 290, 95}, applicant{margin + 389, 76}, people{margin + 467, 20},
        entries{margin + 489, 26};
    explicit Columns(bool by_reference)
        : name(by_reference ? Column{margin + 92, 192} : Column{margin + 20, 192}),
          reference(by_reference ? Column{margin + 20, 68} : Column{margin + 218, 68}) {}
};

void draw_head(Paper& paper, const Sheet& sheet, const std::vector<Guest>& guests, int page, int pages) {
    constexpr double whole = page_width - 2 * margin;
    // Each in the direction that it is written in, whatever the other one is.
    const auto shown = [&](const Guest& guest) {
        return "\u2068" + (sheet.by_reference ? guest.reference : guest.name) + "\u2069";
    };
    paper.text(sheet.event + "　" + sheet.day, {margin, whole}, margin + 8, letters, 13, true);
    paper.text(sheet.order, {margin, whole * 0.45}, margin + 28, letters, 10.5, true);
    if (!guests.empty())
        paper.text(shown(guests.front()) + " \u2013 " + shown(guests.back()),
                   {margin + whole * 0.45, whole * 0.55}, margin + 28, letters, usual_size, false, 1);
    const Columns columns(sheet.by_reference);
    const double titles = margin + head_height - 9;
    paper.text("お名前 Name", columns.name, titles, letters, 7.5);
    paper.text("整理番号 Reference", columns.reference, titles, letters, 7.5);
    paper.text("券種 Kind", columns.kind, titles, letters, 7.5);
    paper.text("申込者 Applicant", columns.applicant, titles, letters, 7.5);
    paper.text("人数", columns.people, titles, letters, 7.5);
    paper.text("入場済", columns.entries, titles, letters, 7.5);
    paper.line(margin + head_height - 1, 1);
    const double foot = page_height - margin - 2;
    paper.text(sheet.made, {margin, whole * 0.7}, foot, letters, 8);
    paper.text(std::to_string(page) + " / " + std::to_string(pages), {margin + whole * 0.7, whole * 0.3},
               foot, letters, usual_size, true, 1);
}

void draw_page(Paper& paper, const Sheet& sheet, const std::vector<Guest>& guests, int page, int pages) {
    draw_head(paper, sheet, guests, page, pages);
    const Columns columns(sheet.by_reference);
    for (std::size_t i = 0; i < guests.size(); ++i) {
        const Guest& guest = guests[i];
        const double top = margin + head_height + static_cast<double>(i) * row_height,
                     middle = top + row_height / 2;
        if (i % 2 == 1)
            paper.shade(top);
        paper.box(margin + 3, middle);
        paper.text(guest.name, columns.name, middle);
        paper.text(guest.reference, columns.reference, middle, figures);
        paper.text(guest.kind, columns.kind, middle, letters, 8);
        paper.text(guest.applicant, columns.applicant, middle, letters, 8);
        paper.text(std::to_string(guest.people), columns.people, middle, figures);
        if (guest.entries > 0)
            paper.text(std::to_string(guest.entries), columns.entries, middle, figures, usual_size, true);
        paper.line(top + row_height, 0.2);
    }
    paper.end_page();
}

// One order of one day's guests, page after page.
void draw_sheet(Paper& paper, Snapshot& snapshot, const std::string& select, std::uint32_t event,
                const Sheet& sheet, int pages, int& page) {
    std::vector<Guest> guests;
    const auto turn = [&] {
        draw_page(paper, sheet, guests, ++page, pages);
        guests.clear();
    };
    bool any = false;
    snapshot.each(
        select, {event}, [](const Snapshot::Names&) {},
        [&](Row row) {
            guests.push_back(
                {row.string(0), row.string(1), row.string(2), row.string(3), row.number(4), row.number(5)});
            any = true;
            if (guests.size() == rows_a_page)
                turn();
        });
    if (!guests.empty() || !any)
        turn();
}

} // namespace

bool has_day(Database& database, std::uint32_t event, int day) {
    return !database
                .query("SELECT FROM event WHERE number = $1 AND definition -> 'day' @> "
                       "jsonb_build_array(jsonb_build_object('number', $2::integer))",
                       {event, day})
                .empty();
}

std::string in_name_order(Database& database, std::string_view order) {
    constexpr std::string_view place = "{name_order}";
    std::string text(order);
    if (const std::size_t at = text.find(place); at != text.npos) {
        const bool known =
            !database.query("SELECT FROM pg_collation WHERE collname = 'ja-x-icu' LIMIT 1").empty();
        text.replace(at, place.size(), known ? "COLLATE \"ja-x-icu\"" : "COLLATE \"C\"");
    }
    return text;
}

void write_door_list(Snapshot& snapshot, const std::string& rows, std::uint32_t event, int day,
                     ExportSink& sink) {
    Database& database = snapshot.database();
    const Result about = database.query(
        "SELECT coalesce(definition -> 'name' ->> 'ja', slug), to_char(now() AT TIME ZONE coalesce("
        "definition ->> 'time_zone', 'Asia/Tokyo'), 'YYYY-MM-DD HH24:MI') FROM event WHERE number = $1",
        {event});
    const Result days = database.query(
        ("SELECT (one ->> 'number')::integer, coalesce(one -> 'name' ->> 'ja', '') || ' ' || (one ->> "
         "'date'), (SELECT count(*) FROM (" +
         rows +
         ") AS row WHERE row.day = (one ->> 'number')::integer) FROM event, "
         "jsonb_array_elements(definition -> 'day') AS days (one) WHERE number = $1 AND $2::integer IN (0, "
         "(one ->> 'number')::integer) ORDER BY 1")
            .c_str(),
        {event, day});
    int pages = 0, page = 0;
    for (Row one : days)
        pages +=
            2 * static_cast<int>(std::max<std::int64_t>((one.number(2) + rows_a_page - 1) / rows_a_page, 1));
    const std::string name = about[0].string(0);
    Paper paper(sink, name + " door list");
    for (Row one : days)
        for (const bool by_reference : {false, true}) {
            const Sheet sheet{name, one.string(1), "作成 Made " + about[0].string(1) + "　mogiri",
                              by_reference ? "整理番号順 By reference" : "お名前順 By name", by_reference};
            draw_sheet(paper, snapshot,
                       "SELECT guest, reference, kind_name, concat_ws(' ', applicant, nullif(class, "
                       "left(applicant, length(class)))), people, entries FROM (" +
                           rows + ") AS row WHERE row.day = " + one.string(0) + " ORDER BY " +
                           (by_reference ? "row.reference COLLATE \"C\""
                                         : in_name_order(database, "folded(row.guest) {name_order}, "
                                                                   "row.guest, row.reference")),
                       event, sheet, pages, page);
        }
    paper.finish();
}

} // namespace mogiri::daemon
