// The offline bundle: made from the ledger when a scanner asks, kept in Redis for the others that ask for the
// same.
#include "bundle_verb.hpp"

#include <door_bundle.hpp>
#include <redis_keys.hpp>

#include <algorithm>
#include <cstdio>

#include "../ledger/bundle_ledger.hpp"

namespace mogiri::daemon {

namespace {

constexpr const char* whole_life_s = "120";

std::string hex_of(std::string_view bytes) {
    return hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

json_t* localized(const Localized& text) {
    return json_pack("{s:o, s:o}", "ja", json_of(text.ja), "en", json_of(text.en));
}

json_t* days_of(const EventSettings& settings) {
    json_t* list = json_array();
    for (const EventDay& day : settings.days)
        json_array_append_new(
            list, json_pack("{s:i, s:o, s:I, s:I, s:o}", "number", static_cast<int>(day.number), "date",
                            json_of(day.date), "opens_ms", static_cast<json_int_t>(day.opens_ms), "closes_ms",
                            static_cast<json_int_t>(day.closes_ms), "name", localized(day.name)));
    return list;
}

json_t* kinds_of(const EventSettings& settings) {
    json_t* list = json_array();
    for (const TicketKind& kind : settings.kinds) {
        json_t* days = json_array();
        for (const EventDay& day : settings.days)
            if (kind.valid_on(day.number))
                json_array_append_new(days, json_integer(day.number));
        json_array_append_new(list, json_pack("{s:o, s:o, s:i, s:o}", "id", json_of(kind.id), "name",
                                              localized(kind.name), "allowance",
                                              static_cast<int>(kind.allowance), "days", days));
    }
    return list;
}

json_t* gates_of(const EventSettings& settings) {
    json_t* list = json_array();
    for (const Gate& gate : settings.gates) {
        json_t* kinds = json_array();
        for (std::size_t i = 0; i < settings.kinds.size(); ++i)
            if ((gate.kinds >> i & 1) != 0)
                json_array_append_new(kinds, json_integer(static_cast<json_int_t>(i)));
        json_array_append_new(list,
                              json_pack("{s:i, s:o, s:o, s:o}", "number", static_cast<int>(gate.number), "id",
                                        json_of(gate.id), "name", localized(gate.name), "kinds", kinds));
    }
    return list;
}

struct Wanted {
    const EventSettings& settings;
    BundleVersion version;
    std::optional<BundleVersion> since; // changes since
    std::string salt;
    bool names;
};

std::string head_of(const Wanted& wanted, std::size_t tickets) {
    const Json head(json_object());
    const auto set = [&](const char* name, json_t* value) { json_object_set_new(head.get(), name, value); };
    set("version", json_of(wanted.version.text()));
    if (wanted.since)
        set("since", json_of(wanted.since->text()));
    set("event", json_pack("{s:i, s:o}", "number", static_cast<int>(wanted.settings.number), "slug",
                           json_of(wanted.settings.slug)));
    set("salt", json_of(hex_of(wanted.salt)));
    set("tickets", json_integer(static_cast<json_int_t>(tickets)));
    if (!wanted.names) {
        set("reentry", json_boolean(wanted.settings.reentry));
        set("double_read_ms", json_integer(wanted.settings.double_read_ms));
        set("forced_day", json_integer(wanted.settings.forced_day));
        set("days", days_of(wanted.settings));
        set("kinds", kinds_of(wanted.settings));
        set("gates", gates_of(wanted.settings));
    }
    return bundle_head(wanted.names ? names_magic : tickets_magic, json_text(head.get()));
}

std::vector<BundleUse> uses_in(const std::string& text) {
    std::vector<BundleUse> uses;
    for (const char* at = text.c_str(); *at != '\0';) {
        unsigned day = 0, inside = 0, used = 0;
        int length = 0;
        if (std::sscanf(at, "%u:%u:%u%n", &day, &inside, &used, &length) != 3)
            break;
        uses.push_back({static_cast<std::uint8_t>(day), static_cast<std::uint8_t>(inside),
                        static_cast<std::uint16_t>(std::min(used, 0xffffU))});
        at += length;
        at += *at == ' ' ? 1 : 0;
    }
    return uses;
}

std::string entry_of(const Wanted& wanted, const BundleRow& row, const std::string& code) {
    if (wanted.names)
        return encode_name(row.serial, seal_name(wanted.salt, code, row.name));
    const auto kind = std::ranges::find(wanted.settings.kinds, row.kind, &TicketKind::id);
    return encode(BundleTicket{.serial = row.serial,
                               .kind = static_cast<std::uint8_t>(kind - wanted.settings.kinds.begin()),
                               .revoked = row.revoked,
                               .digest = code_digest(wanted.salt, code),
                               .uses = uses_in(row.uses)});
}

std::string kept_at(std::uint32_t event, bool names, const std::string& version) {
    return redis_keys::big_answer(event, (names ? "names-" : "bundle-") + version);
}

std::string big_bundle(const std::string& version, const std::string& key, std::int64_t size) {
    const Json body(json_object());
    json_object_set_new(body.get(), "version", json_of(version));
    json_object_set_new(body.get(), "big",
                        json_pack("{s:o, s:I, s:o}", "key", json_of(key), "size",
                                  static_cast<json_int_t>(size), "type", json_of(bundle_type)));
    return json_text(body.get());
}

CallResult bundle(CallTools& tools, const Call& call, const json_t* arguments, bool names) {
    const BookedEvent* event = tools.book.find(call.event);
    if (!event)
        return refusal(404, "not_found");
    const MasterKeys& keys = tools.office.keys();
    const std::uint8_t key_id = keys.signing_key();
    BundleLedger ledger(tools.database);
    Wanted wanted{event->settings, ledger.version(call.event, event->settings.version, key_id), std::nullopt,
                  bundle_salt(keys, call.event, key_id), names};
    const auto had = [&](const char* name) {
        const auto version = BundleVersion::parse(text_of(json_object_get(arguments, name)));
        return version && wanted.version.follows(*version) ? version : std::nullopt;
    };
    wanted.since = had("since");
    const auto known = wanted.since ? wanted.since : had("known");
    const Json body(json_object());
    if (known && known->settings == event->settings.version) {
        bool changed = false;
        ledger.each(call.event, known, names, [&](const BundleRow&) { changed = true; });
        if (!changed) {
            json_object_set_new(body.get(), "version", json_of(known->text()));
            return {304, json_text(body.get())};
        }
    }
    const std::string key = kept_at(call.event, names, wanted.version.text()) +
                            (wanted.since ? "-" + std::to_string(wanted.since->before) : "");
    // Of the whole, one that is a little old will do: who has it asks for the changes since. So a call that
    // came too late for its own request has not worked in vain.
    const std::string latest = redis_keys::big_answer(call.event, names ? "names" : "bundle");
    if (!wanted.since) {
        const std::string text = tools.redis.command({"GET", latest}).string();
        const auto kept = BundleVersion::parse(text);
        const std::string where = kept_at(call.event, names, text);
        if (kept && wanted.version.follows(*kept) && kept->settings == event->settings.version &&
            !(known && known->text() == text)) {
            if (const std::int64_t size = tools.redis.command({"STRLEN", where}).integer(); size > 0)
                return {200, big_bundle(text, where, size)};
        }
    }
    TicketCodes codes(keys);
    std::string entries;
    std::size_t tickets = 0;
    ledger.each(call.event, wanted.since, names, [&](const BundleRow& row) {
        if (!keys.has(row.key_id))
            return; // no code of it is good any more
        entries += entry_of(wanted, row, codes.issue({call.event, row.serial, row.key_id}));
        ++tickets;
    });
    const std::string content = head_of(wanted, tickets) + entries;
    tools.redis.command({"SET", key, content, "EX", wanted.since ? big_answer_life_s : whole_life_s});
    if (!wanted.since)
        tools.redis.command({"SET", latest, wanted.version.text(), "EX", whole_life_s});
    return {200, big_bundle(wanted.version.text(), key, static_cast<std::int64_t>(content.size()))};
}

} // namespace

CallResult bundle_tickets(CallTools& tools, const Call& call, const json_t* arguments) {
    return bundle(tools, call, arguments, false);
}

CallResult bundle_names(CallTools& tools, const Call& call, const json_t* arguments) {
    return bundle(tools, call, arguments, true);
}

} // namespace mogiri::daemon
