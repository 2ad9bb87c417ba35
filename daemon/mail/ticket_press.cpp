#include "ticket_press.hpp"

#include <ticket_code.hpp>

#include "../journal.hpp"
#include "event_texts.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::chrono::seconds between_trials{10};

} // namespace

Texts shared_texts(const EventSettings& event, const TicketKind& kind) {
    return {{"event", event.name.ja},
            {"event_en", event.name.en},
            {"kind", kind.name.ja},
            {"kind_en", kind.name.en},
            {"days", days_text(event.days, Language::ja)},
            {"days_en", days_text(event.days, Language::en)},
            {"contact", event.contact}};
}

TicketPress::Prepared TicketPress::prepared(const EventSettings& event, const TicketKind& kind,
                                            Language language) {
    // A layout is a folder's name, so it leads nowhere else.
    if (kind.layout.empty() || kind.layout.front() == '.' || kind.layout.find('/') != std::string::npos)
        throw LayoutError("kind " + kind.id + ": layout = \"" + kind.layout + "\": must name a folder in " +
                          layouts_.string());
    const std::lock_guard lock(mutex_);
    Prepared& prepared = prepared_[{event.number, kind.id, language}];
    const auto now = std::chrono::steady_clock::now();
    if (prepared.printer && prepared.version == event.version &&
        (prepared.fault.empty() || now < prepared.retry_at))
        return prepared;
    try {
        const auto layout =
            std::make_shared<const Layout>(Layout::load(layouts_ / kind.layout / "layout.toml"));
        prepared.printer = std::make_shared<const TicketPrinter>(*layout, shared_texts(event, kind),
                                                                 std::string(language_tag(language)),
                                                                 std::string(ticket_code_length, 'A'));
        prepared.layout = layout;
        prepared.fault.clear();
    } catch (const LayoutError& error) {
        if (!prepared.printer)
            throw;
        prepared.fault = error.what();
        prepared.retry_at = now + between_trials;
        journal::warn(prepared.fault + "; event " + std::to_string(event.number) +
                      " keeps the layout that it had for kind " + kind.id);
    }
    prepared.version = event.version;
    return prepared;
}

} // namespace mogiri::daemon
