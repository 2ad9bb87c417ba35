// The printers of all kinds of ticket of all events, each prepared once and shared by the mail workers.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include <event_settings.hpp>

#include "../render/ticket_printer.hpp"

namespace mogiri::daemon {

// What is the same on all tickets of a kind.
Texts shared_texts(const EventSettings& event, const TicketKind& kind);

// Safe from every thread; the second one to ask for a printer waits until the first has made it.
class TicketPress {
  public:
    // `layouts`: the folder of templates/tickets/.
    explicit TicketPress(std::filesystem::path layouts) : layouts_(std::move(layouts)) {}

    struct Prepared {
        std::shared_ptr<const TicketPrinter> printer;
        std::shared_ptr<const Layout> layout; // the printer's
        std::string fault;                    // why it is not the one that the event wants now; empty: it is
        std::uint64_t version = 0;            // of the event's settings
        std::chrono::steady_clock::time_point retry_at; // with a fault
    };

    // An event that changed to a layout that cannot be printed keeps its last good one; the new one is tried
    // again every ten seconds. Throws LayoutError when it had none.
    Prepared prepared(const EventSettings& event, const TicketKind& kind, Language language);

  private:
    std::filesystem::path layouts_;
    std::mutex mutex_;
    std::map<std::tuple<std::uint32_t, std::string, Language>, Prepared> prepared_;
};

} // namespace mogiri::daemon
