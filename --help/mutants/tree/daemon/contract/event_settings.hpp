// An event as data: what an organiser writes in its TOML file, PostgreSQL keeps as JSON, and Redis publishes.
//
// JSON shape (the TOML file has the same keys and nesting):
//   { "slug", "name": L, "time_zone", "contact", "sender"?, "state": "draft|open|closed|archived",
//     "reentry": bool, "double_read": seconds, "venue_capacity": people (0: no limit), "form_seconds":
//     seconds (0: any), "forced_day": n (0: by the clock), "old_codes": bool, "day":    [ { "number", "date":
//     "YYYY-MM-DD", "opens": "HH:MM", "closes": "HH:MM", "name": L,
//                   "capacity"?: tickets valid that day (0: no limit), "opens_ms", "closes_ms" (only as
//                   published: computed by PostgreSQL from the time zone) }
//                   ],
//     "kind":   [ { "id", "name": L, "allowance", "layout", "capacity", "days": [day number …]? (none: all) }
//     ], "gate":   [ { "number", "id", "name": L, "kinds": [kind id …] (empty: all) } ], "form":   [ { "id",
//     "name": L, "intro": L?, "kind", "limit", "applicant": "{field}…" | "{email:local}",
//                   "opens"?, "closes"?: "YYYY-MM-DD HH:MM", "domains": [mail domain …]?,
//                   "confirm_address"?: bool, "confirm_hours"?: hours, "approval"?: bool, "waiting_list"?:
//                   bool, "field": [ { "name", "type", "label": L, "help": L?, "required", "min", "max",
//                   "confirm": bool, "pattern": regular expression?, "depends_on": name of a choice field
//                   before?,
//                                "choices": [ {"value", "label": L, "when": [values of depends_on …]?} ] } ],
//                   "roster": { "number": field name, "group": [field name …], "sizes": { "S2E": 32, … } }
//                             or { "list": true, "id"? (like applicant, which it is if not given) }? }
//                   ],
//     "mail": { "tickets" | "failed" | …: { "subject"?: L, "text"?: L }, … }?, with places such as
//     {count} as published also: "number", "version", "default": bool, of each form "opens_ms" and
//     "closes_ms", "device": [ { "number", "name", "gate": gate number, "profile", "key": sha256 hex } ] }
//   L = { "ja", "en" }
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "text_pattern.hpp"

struct json_t;

namespace mogiri {

enum class Language { ja, en };

std::string_view language_tag(Language language);
// "ja" and "en"; nothing for others.
std::optional<Language> language_of(std::string_view tag);
// By Accept-Language (RFC 9110, 12.5.4), the one of ja and en with the higher weight; ja when neither is
// named.
Language preferred_language(std::string_view accept_language);

struct Localized {
    std::string ja, en;
    const std::string& in(Language language) const { return language == Language::ja ? ja : en; }
};

struct EventDay {
    std::uint8_t number = 0; // 1 and up
    std::string date, opens, closes;
    std::int64_t opens_ms = 0, closes_ms = 0; // milliseconds since 1970, 0 until published
    Localized name;
    std::int64_t capacity = 0; // tickets that are valid on it, of all kinds; 0: no limit
};

struct TicketKind {
    std::string id;
    Localized name;
    std::uint8_t allowance = 1; // people inside at once, and admissions a day without re-entry
    std::string layout;
    std::int64_t capacity = 0;      // tickets of this kind in all; 0: no limit
    std::vector<std::uint8_t> days; // on which it is let in; empty: all

    bool valid_on(std::uint8_t day) const;
};

struct Gate {
    std::uint16_t number = 0;
    std::string id;
    Localized name;
    std::uint32_t kinds = 0xffffffff; // bit i: the i-th kind is let in here
};

enum class FieldType { roman, kana, text, note, email, choice, number, quantity, guests, consent };

struct Choice {
    std::string value;
    Localized label;
    std::vector<std::string> when; // values of the field that this one depends on; empty: always
};

struct FormField {
    std::string name;
    FieldType type = FieldType::text;
    Localized label, help;
    bool required = true;
    bool confirm = false; // email: a second field "<name>_confirm"
    // characters for roman, kana, text, note, guests (of each name); the value for number and quantity
    std::int64_t min = 1, max = 100;
    std::optional<TextPattern> pattern; // of roman, kana, text: the whole value
    std::string depends_on;             // of a choice: the choice field whose value decides what is offered
    std::vector<Choice> choices;
};

// By sizes: a student exists when the number is at most the size of the group; a group that is not listed has
// nobody. By list: who is in the ledger's roster_entry.
struct Roster {
    bool list = false;
    std::string id;                 // by list: like Form::applicant
    std::string number;             // name of the number field
    std::vector<std::string> group; // names of the fields whose values, joined, name the group
    std::map<std::string, std::int64_t> sizes;
};

struct Form {
    std::string id;
    Localized name, intro;
    std::size_t kind = 0;      // index into EventSettings::kinds
    std::int64_t limit = 0;    // tickets of one applicant over all applications; 0: no limit
    std::string applicant;     // "{school_grades}{classes}{student_number:02}", "{email:local}", "{email}"
    std::string opens, closes; // local times, empty: with the event
    std::int64_t opens_ms = 0, closes_ms = INT64_MAX; // as published: when applications are taken
    std::vector<std::string> domains; // lower case; of the addresses that may apply; empty: all
    bool confirm_address = false;     // by a link in a mail, before anything else is judged
    std::int64_t confirm_hours = 24;  // as long as that link is good
    bool approval = false;            // staff say yes or no to every application
    bool waiting_list = false;        // for applications that there is no room for
    std::vector<FormField> fields;
    std::optional<Roster> roster;

    const FormField* field(std::string_view name) const;
    const FormField* field_of(FieldType type) const;
};

// Whether a form takes applications.
enum class Taking { open, not_yet, closed };

enum class DeviceProfile { scanner, supervisor };

struct Device {
    std::uint32_t number = 0;
    std::string name;
    std::uint16_t gate = 0;
    DeviceProfile profile = DeviceProfile::scanner;
    std::string key_hash; // SHA-256 of the device key, hex
};

// In place of the shipped words of a kind of mail; empty: those stand.
struct MailWords {
    Localized subject, text;
};

enum class EventState { draft, open, closed, archived };

// The day that a moment belongs to, and whether people may enter then.
enum class Window { open, not_yet, over };
struct CurrentDay {
    std::uint8_t day = 1;
    Window window = Window::open;
};

// Bit i: the i-th kind is let in on a day; or not on it, but on a later one.
struct KindsOfDay {
    std::uint32_t valid = 0, to_come = 0;
};

// Says which key is wrong, by its path ("form[0].field[3].type"), what stands there, and the remedy.
class SettingsError : public std::runtime_error {
  public:
    SettingsError(std::string path, const std::string& value, const std::string& remedy);
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

struct EventSettings {
    std::uint32_t number = 0;
    std::uint64_t version = 0;
    bool is_default = false;
    std::string slug;
    Localized name;
    std::string time_zone = "Asia/Tokyo";
    std::string contact, sender;
    std::map<std::string, MailWords> mails; // by kind: "tickets"
    EventState state = EventState::open;
    bool reentry = true;
    std::int64_t double_read_ms = 2000;
    std::int64_t venue_capacity = 0;
    std::uint8_t forced_day = 0;
    bool old_codes = false;   // whether the door takes codes of the system before
    std::int64_t form_ms = 0; // who sends a form sooner than this after opening it is taken for a robot
    std::vector<EventDay> days;
    std::vector<TicketKind> kinds;
    std::vector<Gate> gates;
    std::vector<Form> forms;
    std::vector<Device> devices;

    // Of "draft", "open", "closed", "archived".
    static std::optional<EventState> state_named(std::string_view name);

    // Both throw SettingsError. Unknown keys are errors.
    static EventSettings from_json(const json_t* document);
    static EventSettings parse(std::string_view json);

    const Form* form(std::string_view id) const;
    // By the event's state and the form's own times.
    Taking taking(const Form& form, std::int64_t now_ms) const;
    const Gate* gate(std::string_view id) const;
    const Gate* gate_numbered(std::uint16_t number) const;
    const Device* device_numbered(std::uint32_t number) const;
    // By the SHA-256 (hex) of the presented key; nothing when no device has it.
    const Device* device_with_key(std::string_view key_hash) const;

    // Of an archived event everything is over. The forced day is open at any time. Before the first day:
    // not_yet; between two days: the earlier one, over, unless the next has begun; a day is entered from its
    // opening to its closing time.
    CurrentDay day_at(std::int64_t now_ms) const;
    KindsOfDay kinds_of(std::uint8_t day) const;
    // By the clock alone, whatever day is forced: its last day has closed.
    bool has_ended(std::int64_t now_ms) const;
};

} // namespace mogiri
