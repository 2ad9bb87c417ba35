// Reads an event from JSON, and refuses what does not fit together.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <set>

#include "form.hpp"
#include "mail_words.hpp"
#include "settings_reader.hpp"

namespace mogiri {

namespace {

constexpr std::array<std::pair<std::string_view, EventState>, 4> states{{
    {"draft", EventState::draft},
    {"open", EventState::open},
    {"closed", EventState::closed},
    {"archived", EventState::archived},
}};

template <typename Items, typename Id>
void refuse_doubles(const SettingsReader& reader, const char* key, const Items& items, Id id) {
    std::set<decltype(id(*items.begin()))> seen;
    for (const auto& item : items)
        if (!seen.insert(id(item)).second)
            reader.refuse(key, "two of them have the same id or number; make each unique");
}

bool is_pattern(std::string_view text, std::string_view pattern) {
    return text.size() == pattern.size() &&
           std::equal(text.begin(), text.end(), pattern.begin(), [](char have, char want) {
               return want == '9' ? have >= '0' && have <= '9' : have == want;
           });
}

// "2026-06-20", a day that the calendar has.
bool is_date(std::string_view text) {
    if (!is_pattern(text, "9999-99-99"))
        return false;
    const auto number = [&](std::size_t at, std::size_t size) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + size, value);
        return value;
    };
    return std::chrono::year_month_day(std::chrono::year(number(0, 4)),
                                       std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                       std::chrono::day(static_cast<unsigned>(number(8, 2))))
        .ok();
}

bool is_time(std::string_view text) {
    return is_pattern(text, "99:99") && text <= "24:00" && text[3] <= '5';
}

EventDay read_day(SettingsReader& reader) {
    EventDay day;
    day.number = static_cast<std::uint8_t>(reader.number("number", 1, 255));
    day.date = reader.text("date");
    day.opens = reader.text("opens");
    day.closes = reader.text("closes");
    if (!is_date(day.date))
        reader.refuse("date", "must be a date such as \"2026-06-20\"");
    for (const char* key : {"opens", "closes"}) {
        const std::string& time = std::string_view(key) == "opens" ? day.opens : day.closes;
        if (!is_time(time))
            reader.refuse(key, "must be a time such as \"09:30\"");
    }
    if (day.closes <= day.opens)
        reader.refuse("closes", "must be later than opens");
    day.opens_ms = reader.number("opens_ms", 0, INT64_MAX, 0);
    day.closes_ms = reader.number("closes_ms", 0, INT64_MAX, 0);
    day.name = reader.localized("name");
    day.capacity = reader.number("capacity", 0, 1'000'000'000, 0);
    return day;
}

TicketKind read_kind(SettingsReader& reader, const std::vector<EventDay>& days) {
    TicketKind kind;
    kind.id = reader.name("id");
    kind.name = reader.localized("name");
    kind.allowance = static_cast<std::uint8_t>(reader.number("allowance", 1, 255, 1));
    kind.layout = reader.name("layout");
    kind.capacity = reader.number("capacity", 0, 1'000'000'000, 0);
    for (const std::int64_t number : reader.numbers("days")) {
        if (std::none_of(days.begin(), days.end(), [&](const EventDay& day) { return day.number == number; }))
            reader.refuse("days", "names day " + std::to_string(number) + ", which no [[day]] has");
        kind.days.push_back(static_cast<std::uint8_t>(number));
    }
    return kind;
}

// The place of a kind by its id; refuses an unknown one.
std::size_t kind_index(const SettingsReader& reader, const char* key, const std::vector<TicketKind>& kinds,
                       const std::string& id) {
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [&](const TicketKind& kind) { return kind.id == id; });
    if (found == kinds.end())
        reader.refuse(key, "names the kind \"" + id + "\", which no [[kind]] has");
    return static_cast<std::size_t>(found - kinds.begin());
}

Gate read_gate(SettingsReader& reader, const std::vector<TicketKind>& kinds) {
    Gate gate;
    gate.number = static_cast<std::uint16_t>(reader.number("number", 1, 65535));
    gate.id = reader.name("id");
    gate.name = reader.localized("name");
    const auto allowed = reader.texts("kinds");
    if (!allowed.empty())
        gate.kinds = 0;
    for (const std::string& id : allowed)
        gate.kinds |= 1U << kind_index(reader, "kinds", kinds, id);
    return gate;
}

FormField read_field(SettingsReader& reader) {
    static constexpr std::array<std::pair<std::string_view, FieldType>, 10> types{{
        {"roman", FieldType::roman},
        {"kana", FieldType::kana},
        {"text", FieldType::text},
        {"note", FieldType::note},
        {"email", FieldType::email},
        {"choice", FieldType::choice},
        {"number", FieldType::number},
        {"quantity", FieldType::quantity},
        {"guests", FieldType::guests},
        {"consent", FieldType::consent},
    }};
    FormField field;
    field.name = reader.name("name");
    field.type = reader.one_of("type", types, "");
    field.label = reader.localized("label");
    field.help = reader.localized("help", false);
    field.required = reader.truth("required", true);
    field.confirm = reader.truth("confirm", false);
    field.min = reader.number("min", 0, 1'000'000, 1);
    field.max = reader.number("max", 1, 1'000'000, field.type == FieldType::note ? 1000 : 100);
    if (field.max < field.min)
        reader.refuse("max", "must not be smaller than min");
    reader.each("choices", field.type == FieldType::choice, [&](SettingsReader& item) {
        field.choices.push_back({item.text("value"), item.localized("label"), item.texts("when")});
        if (!field.choices.back().when.empty() && !reader.has("depends_on"))
            item.refuse("when", "needs depends_on, the name of the field that it speaks of");
    });
    field.depends_on = reader.text("depends_on", "");
    if (!field.depends_on.empty() && field.type != FieldType::choice)
        reader.refuse("depends_on", "is only for fields of type choice");
    if (reader.has("pattern")) {
        if (field.type != FieldType::roman && field.type != FieldType::kana && field.type != FieldType::text)
            reader.refuse("pattern", "is only for fields of type roman, kana and text");
        try {
            field.pattern = TextPattern(reader.text("pattern"));
        } catch (const std::invalid_argument& error) {
            reader.refuse("pattern", std::string("is no regular expression: ") + error.what());
        }
    }
    if (field.confirm && field.type != FieldType::email)
        reader.refuse("confirm", "is only for fields of type email");
    if (field.type == FieldType::quantity && field.max > 100)
        reader.refuse("max", "must be at most 100 tickets in one application");
    return field;
}

// Every {field} of a pattern that names applicants must be a field of the form.
void check_pattern(const SettingsReader& reader, const char* key, const Form& form,
                   const std::string& pattern) {
    std::size_t places = 0;
    for (std::size_t open = pattern.find('{'); open != std::string::npos;
         open = pattern.find('{', open + 1), ++places) {
        const auto close = pattern.find('}', open);
        const std::string place =
            close == std::string::npos ? "" : pattern.substr(open + 1, close - open - 1);
        const std::string name = place.substr(0, place.find(':'));
        const std::string rule = name.size() == place.size() ? "" : place.substr(name.size() + 1);
        if (!form.field(name) || (rule != "" && rule != "02" && rule != "local"))
            reader.refuse(key, "names {" + place + "}; each place is {field}, {field:02} or {email:local}");
    }
    if (places == 0)
        reader.refuse(key, "must name at least one {field}, so that applicants differ");
}

Roster read_roster(SettingsReader& reader, const Form& form) {
    Roster roster;
    roster.list = reader.truth("list", false);
    if (roster.list) {
        roster.id = reader.text("id", form.applicant);
        check_pattern(reader, "id", form, roster.id);
        return roster;
    }
    roster.number = reader.name("number");
    roster.group = reader.texts("group");
    SettingsReader sizes(reader.get("sizes"), reader.path_of("sizes"));
    const char* group;
    json_t* size;
    json_object_foreach(const_cast<json_t*>(reader.get("sizes")), group, size) roster.sizes[group] =
        sizes.number(group, 0, 1'000'000);
    return roster;
}

// A choice may depend on a choice that stands before it, and only on values that this one has.
void check_dependences(const SettingsReader& reader, const Form& form) {
    for (const FormField& field : form.fields) {
        if (field.depends_on.empty())
            continue;
        const FormField* on = form.field(field.depends_on);
        if (!on || on >= &field || on->type != FieldType::choice)
            reader.refuse("field", "has \"" + field.name + "\", which depends on \"" + field.depends_on +
                                       "\"; name a field of type choice that stands before it");
        for (const Choice& choice : field.choices)
            for (const std::string& value : choice.when)
                if (std::ranges::find(on->choices, value, &Choice::value) == on->choices.end())
                    reader.refuse("field", "has \"" + field.name + "\" with when = \"" + value +
                                               "\", which is no choice of \"" + on->name + "\"");
    }
}

void read_window(SettingsReader& reader, Form& form) {
    form.opens = reader.text("opens", "");
    form.closes = reader.text("closes", "");
    for (const auto& [key, time] : {std::pair("opens", form.opens), std::pair("closes", form.closes)})
        if (!time.empty() && (time.size() != 16 || time[10] != ' ' || !is_date(time.substr(0, 10)) ||
                              !is_time(time.substr(11))))
            reader.refuse(key, "must be a local time such as \"2026-05-01 09:00\"");
    if (!form.opens.empty() && !form.closes.empty() && form.closes <= form.opens)
        reader.refuse("closes", "must be later than opens");
    form.opens_ms = reader.number("opens_ms", 0, INT64_MAX, 0);
    form.closes_ms = reader.number("closes_ms", 0, INT64_MAX, INT64_MAX);
}

std::vector<std::string> read_domains(SettingsReader& reader) {
    std::vector<std::string> domains = reader.texts("domains");
    for (std::string& domain : domains) {
        domain = normalized_address(domain);
        if (!address_is_acceptable("someone@" + domain))
            reader.refuse("domains", "must be mail domains such as \"school.example.jp\"");
    }
    return domains;
}

Form read_form(SettingsReader& reader, const std::vector<TicketKind>& kinds) {
    Form form;
    form.id = reader.name("id");
    if (form.id == "find")
        reader.refuse("id", "is the address of a page of its own, /apply/find; choose another");
    form.name = reader.localized("name");
    form.intro = reader.localized("intro", false);
    form.kind = kind_index(reader, "kind", kinds, reader.text("kind"));
    form.limit = reader.number("limit", 0, 1'000'000, 0);
    form.applicant = reader.text("applicant");
    read_window(reader, form);
    form.domains = read_domains(reader);
    form.confirm_address = reader.truth("confirm_address", false);
    if (reader.has("confirm_hours") && !form.confirm_address)
        reader.refuse("confirm_hours", "needs confirm_address = true");
    form.confirm_hours = reader.number("confirm_hours", 1, 720, 24);
    form.approval = reader.truth("approval", false);
    form.waiting_list = reader.truth("waiting_list", false);
    reader.each("field", true, [&](SettingsReader& item) { form.fields.push_back(read_field(item)); });
    refuse_doubles(reader, "field", form.fields, [](const FormField& field) { return field.name; });
    for (const auto& [type, name] :
         {std::pair(FieldType::email, "email"), std::pair(FieldType::quantity, "quantity"),
          std::pair(FieldType::guests, "guests")})
        if (std::count_if(form.fields.begin(), form.fields.end(),
                          [type = type](const FormField& field) { return field.type == type; }) != 1)
            reader.refuse("field", std::string("must have exactly one field of type ") + name);
    check_dependences(reader, form);
    check_pattern(reader, "applicant", form, form.applicant);
    if (reader.has("roster")) {
        SettingsReader inner(reader.get("roster"), reader.path_of("roster"));
        form.roster = read_roster(inner, form);
        inner.finish();
        std::vector<std::string> named = form.roster->group;
        if (!form.roster->list)
            named.push_back(form.roster->number);
        for (const std::string& name : named)
            if (!form.field(name))
                reader.refuse("roster", "names the field \"" + name + "\", which the form has not");
    }
    return form;
}

Device read_device(SettingsReader& reader) {
    static constexpr std::array<std::pair<std::string_view, DeviceProfile>, 2> profiles{
        {{"scanner", DeviceProfile::scanner}, {"supervisor", DeviceProfile::supervisor}}};
    Device device;
    device.number = static_cast<std::uint32_t>(reader.number("number", 1, UINT32_MAX));
    device.name = reader.text("name");
    device.gate = static_cast<std::uint16_t>(reader.number("gate", 0, 65535));
    device.profile = reader.one_of("profile", profiles, "scanner");
    device.key_hash = reader.text("key");
    return device;
}

} // namespace

EventSettings EventSettings::from_json(const json_t* document) {
    SettingsReader reader(document, "");
    EventSettings event;
    event.number = static_cast<std::uint32_t>(reader.number("number", 0, 0xffffff, 0));
    event.version = static_cast<std::uint64_t>(reader.number("version", 0, 9'999'999'999, 0));
    event.is_default = reader.truth("default", false);
    event.slug = reader.name("slug");
    event.name = reader.localized("name");
    event.time_zone = reader.text("time_zone", "Asia/Tokyo");
    event.contact = reader.text("contact");
    event.sender = reader.text("sender", "");
    if (!event.sender.empty() && !address_is_acceptable(event.sender))
        reader.refuse("sender", "must be an address like tickets@example.jp");
    read_mail_words(reader, event);
    event.state = reader.one_of("state", states, "open");
    event.reentry = reader.truth("reentry", true);
    if (const json_t* seconds = reader.get("double_read")) {
        if (!json_is_number(seconds) || json_number_value(seconds) < 0 || json_number_value(seconds) > 60)
            reader.refuse("double_read", "must be seconds from 0 to 60");
        event.double_read_ms = std::llround(json_number_value(seconds) * 1000);
    }
    event.venue_capacity = reader.number("venue_capacity", 0, 1'000'000'000, 0);
    event.forced_day = static_cast<std::uint8_t>(reader.number("forced_day", 0, 255, 0));
    event.old_codes = reader.truth("old_codes", false);
    reader.number("retention_days", 0, 36'500, 90); // PostgreSQL alone reads it: sql/0025_erasure.sql
    event.form_ms = reader.number("form_seconds", 0, 60, 0) * 1000;
    reader.each("day", true, [&](SettingsReader& item) { event.days.push_back(read_day(item)); });
    reader.each("kind", true,
                [&](SettingsReader& item) { event.kinds.push_back(read_kind(item, event.days)); });
    if (event.kinds.size() > 32)
        reader.refuse("kind", "has more than 32 kinds; join some");
    reader.each("gate", true,
                [&](SettingsReader& item) { event.gates.push_back(read_gate(item, event.kinds)); });
    reader.each("form", true,
                [&](SettingsReader& item) { event.forms.push_back(read_form(item, event.kinds)); });
    reader.each("device", false, [&](SettingsReader& item) { event.devices.push_back(read_device(item)); });
    refuse_doubles(reader, "day", event.days, [](const EventDay& day) { return day.number; });
    refuse_doubles(reader, "kind", event.kinds, [](const TicketKind& kind) { return kind.id; });
    refuse_doubles(reader, "gate", event.gates, [](const Gate& gate) { return gate.number; });
    refuse_doubles(reader, "gate", event.gates, [](const Gate& gate) { return gate.id; });
    refuse_doubles(reader, "form", event.forms, [](const Form& form) { return form.id; });
    if (event.forced_day != 0 && std::none_of(event.days.begin(), event.days.end(), [&](const EventDay& day) {
            return day.number == event.forced_day;
        }))
        reader.refuse("forced_day", "names a day that no [[day]] has; 0 lets the clock decide");
    reader.finish();
    std::sort(event.days.begin(), event.days.end(), [](const EventDay& left, const EventDay& right) {
        return left.opens_ms != right.opens_ms ? left.opens_ms < right.opens_ms : left.date < right.date;
    });
    return event;
}

std::optional<EventState> EventSettings::state_named(std::string_view name) {
    for (const auto& [known, state] : states)
        if (known == name)
            return state;
    return std::nullopt;
}

EventSettings EventSettings::parse(std::string_view json) {
    return from_json(parse_json(json).get());
}

} // namespace mogiri
