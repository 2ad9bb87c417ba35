// The options of `mogirictl cache …`.
#include <memory>

#include "ctl/command_line.hpp"
#include "ctl/system/cache_command.hpp"

namespace mogiri::daemon {

void describe_cache(CommandLine& line) {
    CLI::App* cache =
        line.app.add_subcommand("cache", "what the door knows: Redis, compared with the ledger");
    cache->require_subcommand(1);
    const auto wish = std::make_shared<CacheWish>();

    CLI::App* check = cache->add_subcommand(
        "check", "name what Redis holds otherwise than the ledger: tickets, their use, settings, counters");
    check->add_option("EVENT", wish->event, "of this event only (slug)");
    check->add_flag("--repair", wish->repair, "mend it; nobody who was let in is forgotten");
    check->add_option("--limit", wish->most_named, "name at most so many; all are counted")
        ->capture_default_str();
    check->add_flag("--json", wish->json, "print JSON");
    line.when(check, [&line, wish] { return check_cache(line.configuration(), *wish); });

    CLI::App* rebuild = cache->add_subcommand(
        "rebuild", "have mogirid build the event in Redis anew; the door is closed until it is done");
    rebuild->add_option("EVENT", wish->event, "the event's slug")->required();
    rebuild->add_option("--reason", wish->reason, "why; stands in mogirid's log")
        ->required()
        ->check(not_empty);
    rebuild->add_flag("--json", wish->json, "print JSON");
    line.when(rebuild,
              [&line, wish] { return rebuild_cache(line.configuration(), *wish), ExitStatus::done; });
}

} // namespace mogiri::daemon
