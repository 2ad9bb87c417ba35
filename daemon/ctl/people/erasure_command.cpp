// `mogirictl person erase` and `mogirictl retention …`.
#include "ctl/people/erasure_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <vector>

#include <form.hpp>

#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/event_ledger.hpp"
#include "ledger/listing.hpp"
#include "ledger/person_erasure.hpp"
#include "ledger/retention.hpp"
#include "people/accounts.hpp"

namespace mogiri::daemon {

namespace {

constexpr const char* not_gone =
    "the ledger has forgotten it; mogirid takes it from Redis, its files and the spool as soon as it, Redis "
    "and their "
    "queues allow: `mogirictl erasure list` tells (state done), `mogirictl doctor` what is in its way";

Person person_of(Database& database, const PersonWish& wish) {
    Person person;
    person.roster = wish.roster;
    if (!wish.event.empty())
        person.event = EventLedger(database).number_of(wish.event);
    if (address_is_acceptable(wish.who))
        person.address = wish.who;
    else if (person.event)
        person.applicant = wish.who;
    else
        throw CommandFailure(ExitStatus::usage, "\"" + wish.who +
                                                    "\" is no address; an applicant such as S2E12 is of one "
                                                    "event: name it with --event");
    return person;
}

Json told(Database& database, std::int64_t erasure) {
    return parse_json(*show(database, *find_resource("erasure"), 1, std::to_string(erasure)));
}

std::string counts_of(const Json& erasure) {
    std::string text;
    for (const auto& [name, singular] :
         {std::pair("applications", "application"), std::pair("tickets", "ticket"),
          std::pair("mails", "mail"), std::pair("users", "user"), std::pair("roster", "roster entry"),
          std::pair("letters", "dead letter"), std::pair("calls", "stored answer"),
          std::pair("audit_rows", "row of the audit log")}) {
        const auto count = json_integer_value(json_object_get(erasure.get(), name));
        if (count > 0)
            text += (text.empty() ? "" : ", ") + std::to_string(count) + " × " + singular;
    }
    return text.empty() ? "nothing" : text;
}

// What it will do, by doing it and taking it back.
Json tried(Database& database, const Person& person, const PersonTraces& traces, bool revoke) {
    const Transaction trial(database);
    if (revoke)
        TicketLedger(database).revoke(traces.usable, "erased");
    return told(database, PersonErasure(database).erase(person, traces));
}

bool is_wanted() {
    if (isatty(STDIN_FILENO) == 0)
        throw CommandFailure(ExitStatus::usage, "nobody is there to be asked: say --yes, or --dry-run first");
    std::cout << "This cannot be taken back. Erase? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

void print_kept(const KeptEvent& event) {
    std::printf("%-20s last day %-10s  retention_days %-5lld  %s%s%s, %lld applications with personal data\n",
                event.slug.c_str(), event.last_day.c_str(), static_cast<long long>(event.days),
                event.state.c_str(), event.ends_at.empty() ? "" : ", until ", event.ends_at.c_str(),
                static_cast<long long>(event.applications));
}

Json kept_json(const std::vector<KeptEvent>& events) {
    Json list(json_array());
    for (const KeptEvent& event : events) {
        json_t* one =
            json_pack("{s:s, s:s, s:I, s:s, s:I}", "event", event.slug.c_str(), "last_day",
                      event.last_day.c_str(), "retention_days", static_cast<json_int_t>(event.days), "state",
                      event.state.c_str(), "applications", static_cast<json_int_t>(event.applications));
        json_object_set_new(one, "ends_at",
                            event.ends_at.empty() ? json_null() : json_string(event.ends_at.c_str()));
        json_array_append_new(list.get(), one);
    }
    return list;
}

} // namespace

void erase_person(const Configuration& configuration, const PersonWish& wish) {
    Database database = open_ledger(configuration);
    const Person person = person_of(database, wish);
    PersonErasure erasure(database);
    Redis redis(configuration.redis);
    if (!await([&] { return !erasure.is_on_its_way(redis, person); }))
        throw CommandFailure(ExitStatus::wrong,
                             "an application of theirs is still on its way and would be stored "
                             "afterwards: see `mogirictl jobs list`, and try again");
    const PersonTraces traces = erasure.find(person);
    if (traces.empty())
        throw CommandFailure(ExitStatus::wrong,
                             "nobody is known by that" +
                                 std::string(wish.roster ? "" : "; in rosters, too? --roster"));
    const Json plan = tried(database, person, traces, wish.revoke);
    json_object_del(plan.get(), "erasure");
    if (!wish.json)
        std::cout << (wish.dry_run ? "would be erased: " : "to be erased: ") << counts_of(plan) << "; "
                  << traces.usable.size() << " of the tickets can still be used"
                  << (traces.usable.empty() ? ""
                      : wish.revoke         ? " and are revoked"
                                            : "")
                  << '\n';
    if (wish.dry_run) {
        json_object_set_new(plan.get(), "state", json_string("dry_run"));
        json_object_set_new(plan.get(), "usable",
                            json_integer(static_cast<json_int_t>(traces.usable.size())));
        if (wish.json)
            print(plan);
        return;
    }
    if (!traces.usable.empty() && !wish.revoke)
        throw CommandFailure(ExitStatus::wrong,
                             "tickets of an event that is not over: --revoke ends them, or wait until "
                             "it is over; nothing was done");
    if (!wish.yes && !is_wanted())
        throw CommandFailure(ExitStatus::wrong, "nothing was done");

    Transaction transaction(database);
    if (wish.revoke)
        TicketLedger(database).revoke(traces.usable, "erased");
    const std::int64_t number = erasure.erase(person, traces);
    transaction.commit();
    const bool gone = await([&] { return erasure.is_done(number); });
    if (wish.json)
        print(told(database, number));
    else
        std::cout << "erasure " << number << ": " << counts_of(told(database, number))
                  << (gone ? "; gone from Redis and its files, too\n" : "\n");
    if (!gone)
        throw CommandFailure(ExitStatus::unpublished, not_gone);
}

void list_retention(const Configuration& configuration, bool json) {
    Database database = open_ledger(configuration);
    const std::vector<KeptEvent> events = Retention(database).list();
    if (json)
        return print(kept_json(events));
    for (const KeptEvent& event : events)
        print_kept(event);
    if (events.empty())
        std::cout << "no event\n";
}

void run_retention(const Configuration& configuration, bool dry_run, bool json) {
    Database database = open_ledger(configuration);
    Retention retention(database);
    std::vector<KeptEvent> events = retention.list();
    std::erase_if(events, [](const KeptEvent& event) { return event.state != "due"; });
    if (!dry_run) {
        const std::vector<std::int64_t> numbers = retention.order_due();
        PersonErasure erasures(database);
        if (!await([&] {
                return std::ranges::all_of(numbers,
                                           [&](std::int64_t number) { return erasures.is_done(number); });
            }))
            throw CommandFailure(ExitStatus::unpublished,
                                 "begun; mogirid goes on with it: `mogirictl erasure list` tells "
                                 "(state done)");
    }
    if (json)
        return print(kept_json(events));
    for (const KeptEvent& event : events)
        std::cout << event.slug << ": the data of " << event.applications << " applications "
                  << (dry_run ? "would be" : "was") << " erased\n";
    if (events.empty())
        std::cout << "no event is due\n";
}

} // namespace mogiri::daemon
