#include "ticket_press.hpp"

#include <ticket_code.hpp>

#include "event_texts.hpp"

namespace mogiri::daemon {

namespace {

Texts shared_texts(const EventSettings& event, const TicketKind& kind) {
    return {{"event", event.name.ja},
            {"event_en", event.name.en},
            {"kind", kind.name.ja},
            {"kind_en", kind.name.en},
            {"days", days_text(event.days, Language::ja)},
            {"days_en", days_text(event.days, Language::en)},
            {"contact", event.contact}};
}

} // namespace

std::shared_ptr<const TicketPrinter> TicketPress::printer(const EventSettings& event, const TicketKind& kind,
                                                          Language language) {
    // A layout is a folder's name, so it leads nowhere else.
    if (kind.layout.empty() || kind.layout.front() == '.' || kind.layout.find('/') != std::string::npos)
        throw LayoutError("kind " + kind.id + ": layout = \"" + kind.layout + "\": must name a folder in " +
                          layouts_.string());
    const std::lock_guard lock(mutex_);
    Prepared& prepared = prepared_[{event.number, kind.id, language}];
    if (!prepared.printer || prepared.version != event.version) {
        const Layout layout = Layout::load(layouts_ / kind.layout / "layout.toml");
        prepared = {event.version, std::make_shared<const TicketPrinter>(
                                       layout, shared_texts(event, kind), std::string(language_tag(language)),
                                       std::string(ticket_code_length, 'A'))};
    }
    return prepared.printer;
}

} // namespace mogiri::daemon
