// The printers of all kinds of ticket of all events, each prepared once and shared by the mail workers.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include <event_settings.hpp>

#include "../render/ticket_printer.hpp"

namespace mogiri::daemon {

// Safe from every thread; the second one to ask for a printer waits until the first has made it.
class TicketPress {
  public:
    // `layouts`: the folder of templates/tickets/.
    explicit TicketPress(std::filesystem::path layouts) : layouts_(std::move(layouts)) {}

    // Throws LayoutError and PictureError.
    std::shared_ptr<const TicketPrinter> printer(const EventSettings& event, const TicketKind& kind,
                                                 Language language);

  private:
    struct Prepared {
        std::uint64_t version; // of the event's settings
        std::shared_ptr<const TicketPrinter> printer;
    };

    std::filesystem::path layouts_;
    std::mutex mutex_;
    std::map<std::tuple<std::uint32_t, std::string, Language>, Prepared> prepared_;
};

} // namespace mogiri::daemon
