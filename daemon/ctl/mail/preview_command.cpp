// `mogirictl mail preview`: every mail of an event with sample data, in a folder, as applicants would get it.
#include "ctl/mail/preview_command.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <form.hpp>

#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/tickets/named_tickets.hpp"
#include "mail/message.hpp"
#include "mail/post_office.hpp"
#include "mail/ticket_mail.hpp"

namespace mogiri::daemon {

namespace {

namespace fs = std::filesystem;

constexpr const char* sample = "PREVIEWAAAAAAAAAAAAAAAAAAA"; // an application's id, as no application has it
constexpr const char* address = "hanako@example.jp";

// Rows as an applicant's would be, in a transaction that is never committed: what writes mails finds them and
// nobody else does. Test tickets, for those hold no row that others wait for.
class Samples {
  public:
    Samples(Database& database, std::uint32_t event, const EventSettings& settings, std::uint8_t key)
        : database_(database), event_(event) {
        const Form& form = settings.forms.front();
        database_.query(
            "INSERT INTO applicant (event, form, applicant, email, address) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT DO NOTHING",
            {event, form.id, "S2E12 (sample)", address, normalized_address(address)});
        database_.query(
            "INSERT INTO application (id, event, form, applicant, state, tickets, email, language, "
            "fields, guests, body_hash, submitted_at, test) VALUES ($1, $2, $3, $4, 'issued', 2, $5, "
            "'ja', '{}', '[]', repeat('0', 32), now(), true)",
            {sample, event, form.id, "S2E12 (sample)", address});
        int position = 0;
        for (const char* guest : {"山田 花子", "Alexander Johann van der Berg"})
            database_.query(
                "INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, "
                "key_id, test) SELECT $1::integer, nextval('ticket_serial'), $2, $3::integer, $4, $5, "
                "'PREVIEW' || $3::integer, $6, "
                "true",
                {event, sample, ++position, settings.kinds.at(form.kind).id, guest, key});
    }

    // What a mail of this kind is about; a link's number or the application.
    std::string subject_of(const std::string& kind) {
        if (kind == "invitation" || kind == "reset")
            return "link:" + link(kind);
        const bool held = kind == "unconfirmed" || kind == "awaiting_approval" || kind == "waiting";
        database_.query("UPDATE application SET state = $2, code = $3, tickets = $4, "
                        "confirm_by = CASE WHEN $2 = 'unconfirmed' THEN now() + interval '24 hours' END, "
                        "place = CASE WHEN $2 = 'waiting' THEN 1 END WHERE id = $1",
                        {sample,
                         held                 ? kind
                         : kind == "rejected" ? "refused"
                                              : "issued",
                         held || kind == "rejected" ? std::optional(kind) : std::nullopt,
                         kind == "rejected" ? 0 : 2});
        return sample;
    }

  private:
    std::string link(const std::string& kind) {
        database_.query("INSERT INTO account (name, email, address) VALUES ('hanako (sample)', $1, $1) "
                        "ON CONFLICT DO NOTHING",
                        {"hanako.sample@example.jp"});
        return database_
            .query("INSERT INTO account_link (account, kind) SELECT number, $1 FROM account "
                   "WHERE name = 'hanako (sample)' RETURNING number",
                   {kind})[0]
            .string(0);
    }

    Database& database_;
    std::uint32_t event_;
};

void write_file(const fs::path& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    if (!(stream << text).flush())
        throw CommandFailure(ExitStatus::wrong, file.string() + ": cannot be written");
}

bool wanted(const std::vector<std::string>& list, const std::string& one) {
    return list.empty() || std::ranges::find(list, one) != list.end();
}

} // namespace

void preview_mails(const Configuration& configuration, const PreviewWish& wish) {
    Database database = open_ledger(configuration);
    Transaction never_committed(database);
    const std::uint32_t number = event_of(database, wish.event);
    SettingsBook book;
    book.refresh(database);
    const BookedEvent* event = book.find(number);
    if (!event)
        throw CommandFailure(ExitStatus::wrong, "there is no such event");
    MasterKeys keys = master_keys(configuration);
    const std::uint8_t key = keys.signing_key();
    PostOffice office(configuration, std::move(keys), LeaseName("preview"));
    TicketMail writer(office, database, book);
    std::error_code failed;
    fs::create_directories(wish.directory, failed);
    if (failed)
        throw CommandFailure(ExitStatus::wrong, wish.directory + ": " + failed.message());
    Samples samples(database, number, event->settings, key);
    Json files(json_array());
    for (const std::string& kind : mail_kinds())
        for (const std::string language : {"ja", "en"}) {
            if (!wanted(wish.kinds, kind) || !wanted(wish.languages, language))
                continue;
            const std::string name = kind + "." + language;
            OwedMail owed;
            owed.event = number;
            owed.application = samples.subject_of(kind);
            owed.kind = kind;
            owed.recipient = address;
            owed.language = language;
            owed.message_id = "<preview." + name + "@example.jp>";
            try {
                const auto message = writer.write(owed);
                if (!message)
                    throw CommandFailure(ExitStatus::wrong, name + ": nothing to say");
                const fs::path stem = fs::path(wish.directory) / name;
                write_file(stem.string() + ".eml", compose(*message));
                write_file(stem.string() + ".txt", "Subject: " + message->subject + "\n\n" + message->text);
                write_file(stem.string() + ".html", message->html);
            } catch (const MailNotReady& missing) {
                throw CommandFailure(ExitStatus::input, missing.what());
            } catch (const TemplateError& broken) {
                throw CommandFailure(ExitStatus::input, broken.what());
            }
            json_array_append_new(files.get(), json_of((fs::path(wish.directory) / name).string()));
        }
    if (wish.json)
        print(files);
    else
        std::cout << json_array_size(files.get()) << " mails, each as .eml, .txt and .html, in "
                  << wish.directory << "; nothing was sent\n";
}

} // namespace mogiri::daemon
