// The options of `mogirictl apikey …`, and of the lists that no other command has.
#include <memory>
#include <tuple>

#include "ctl/command_line.hpp"
#include "ctl/jobs/jobs_command.hpp"
#include "ctl/list_command.hpp"
#include "ctl/mail/bounce_command.hpp"
#include "ctl/mail/preview_command.hpp"
#include "ctl/people/apikey_command.hpp"
#include "ctl/system/ledger_command.hpp"
#include "mail/mail_texts.hpp"

namespace mogiri::daemon {

namespace {

void describe_keys(CommandLine& line) {
    CLI::App* keys = line.app.add_subcommand("apikey", "keys with which programs ask the API");
    keys->require_subcommand(1);
    CLI::App* add = keys->add_subcommand("add", "add a key and print it, once");
    const auto wish = std::make_shared<KeyWish>();
    add->add_option("NAME,--name", wish->name, "what it is for")->required();
    add->add_option("--role", wish->role, "what it may do at most")
        ->required()
        ->check(CLI::IsMember({"scanner", "supervisor", "staff", "admin"}));
    add->add_option("--scope", wish->scopes, "THING:read or THING:write; may be given several times")
        ->required();
    add->add_option("--event", wish->event, "at this event only (slug)");
    add->add_option("--days", wish->days, "it ends after so many")->check(CLI::Range(1, 3650));
    add->add_flag("--json", wish->json, "print JSON");
    line.when(add, [&line, wish] { return add_api_key(line.configuration(), *wish), ExitStatus::done; });

    CLI::App* rename = keys->add_subcommand("rename", "give a key another name");
    const auto names = std::make_shared<std::pair<std::string, std::string>>();
    rename->add_option("KEY", names->first, "its name or number")->required();
    rename->add_option("NAME", names->second, "the new name")->required();
    line.when(rename, [&line, names] {
        return rename_api_key(line.configuration(), names->first, names->second), ExitStatus::done;
    });

    CLI::App* revoke =
        keys->add_subcommand("revoke", "nobody uses this key any more; returns when that is so");
    const auto name = std::make_shared<std::string>();
    revoke->add_option("KEY", *name, "its name or number")->required();
    line.when(revoke,
              [&line, name] { return revoke_api_key(line.configuration(), *name), ExitStatus::done; });
}

void describe_ledger(CommandLine& line) {
    CLI::App* ledger = line.app.add_subcommand("ledger", "the ledger in PostgreSQL");
    ledger->require_subcommand(1);
    CLI::App* migrate =
        ledger->add_subcommand("migrate", "bring the tables up, as their owner; share them with other roles");
    const auto wish = std::make_shared<Migrate>();
    migrate->add_option("--database", wish->database,
                        "as database.url, of the owner; the configuration's without it");
    migrate->add_option("--daemon", wish->daemon, "role that mogirid works as")->type_name("ROLE");
    migrate->add_option("--reader", wish->reader, "role that may only read")->type_name("ROLE");
    line.when(migrate,
              [&line, wish] { return migrate_ledger(line.configuration(), *wish), ExitStatus::done; });
}

// Columns of mails that are asked for often, by options of their own.
void add_mail_filters(CLI::App* list, ListWish& wish) {
    for (const auto& [option, column, about] :
         {std::tuple("--state", "state", "in this state only"),
          std::tuple("--kind", "kind", "of this kind only"),
          std::tuple("--application", "application", "of this application only"),
          std::tuple("--address", "recipient", "to this address only")})
        list->add_option_function<std::string>(
            option,
            [&wish, column = std::string(column)](const std::string& value) {
                wish.where.push_back(column + "=" + value);
            },
            about);
}

void describe_retry(CommandLine& line, CLI::App* mail) {
    CLI::App* retry =
        mail->add_subcommand("retry", "try waiting mails now; owe those that failed once more, as new mails");
    const auto mails = std::make_shared<std::vector<std::int64_t>>();
    const auto json = std::make_shared<bool>(false);
    retry->add_option("MAIL", *mails, "numbers, as the list has them")
        ->required()
        ->check(CLI::PositiveNumber);
    retry->add_flag("--json", *json, "print JSON");
    line.when(retry, [&line, mails, json] {
        std::vector<std::string> jobs;
        for (const std::int64_t number : *mails)
            jobs.push_back("m" + std::to_string(number));
        return retry_jobs(line.configuration(), jobs, *json), ExitStatus::done;
    });
}

void describe_preview(CommandLine& line, CLI::App* mail) {
    CLI::App* preview =
        mail->add_subcommand("preview", "every mail of an event with sample data, into a folder");
    const auto wish = std::make_shared<PreviewWish>();
    preview
        ->add_option("DIRECTORY", wish->directory,
                     "for .eml, .txt and .html of each; made when it is not there")
        ->required();
    preview->add_option("--event", wish->event, "of this event (slug); the default one without it");
    preview->add_option("--kind", wish->kinds, "these mails only")->check(CLI::IsMember(mail_kinds()));
    preview->add_option("--language", wish->languages, "in this language only")
        ->check(CLI::IsMember({"ja", "en"}));
    preview->add_flag("--json", wish->json, "print JSON");
    line.when(preview,
              [&line, wish] { return preview_mails(line.configuration(), *wish), ExitStatus::done; });
}

void describe_list(CommandLine& line, CLI::App* command, const Resource& resource);

void describe_suppressions(CommandLine& line, CLI::App* mail) {
    CLI::App* lift =
        mail->add_subcommand("unsuppress", "an address gets mail again, though one came back from it");
    const auto words = std::make_shared<std::vector<std::string>>();
    const auto json = std::make_shared<bool>(false);
    lift->add_option("ADDRESS", *words, "addresses, or numbers of mails that went to them")->required();
    lift->add_flag("--json", *json, "print JSON");
    line.when(lift, [&line, words, json] {
        return unsuppress(line.configuration(), *words, *json), ExitStatus::done;
    });
    CLI::App* suppressed = mail->add_subcommand("suppressed", "addresses that get no mail any more");
    suppressed->require_subcommand(1);
    describe_list(line, suppressed, *find_resource("suppression"));
}

void describe_list(CommandLine& line, CLI::App* command, const Resource& resource) {
    CLI::App* list = command->add_subcommand("list", "list them, as the API does");
    const auto wish = std::make_shared<ListWish>();
    list->add_option("--event", wish->event, "of this event (slug); the default one without it");
    list->add_option("--where", wish->where, "COLUMN=VALUE; may be given several times");
    list->add_option("--search", wish->search, "what stands in them, in any width or kana");
    list->add_option("--sort", wish->sort, "a column; \"-\" before it: downwards");
    list->add_option("--since", wish->since, "from this time on");
    list->add_option("--until", wish->until, "before this time");
    list->add_option("--after", wish->after, "the page that follows");
    list->add_option("--limit", wish->limit, "at most so many")
        ->capture_default_str()
        ->check(CLI::Range(1, 200));
    if (resource.name == "mail")
        add_mail_filters(list, *wish);
    list->add_flag("--count", wish->count, "and how many there are in all");
    list->add_flag("--json", wish->json, "print JSON");
    line.when(list, [&line, wish, &resource] {
        return list_things(line.configuration(), resource, *wish), ExitStatus::done;
    });

    CLI::App* show = command->add_subcommand("show", "show one of them");
    const auto shown = std::make_shared<ListWish>();
    const auto key = std::make_shared<std::string>();
    show->add_option("KEY", *key, "its number or name, as the list has it")->required();
    show->add_option("--event", shown->event, "of this event (slug); the default one without it");
    show->add_flag("--json", shown->json, "print JSON");
    line.when(show, [&line, shown, key, &resource] {
        return show_thing(line.configuration(), resource, *key, *shown), ExitStatus::done;
    });
}

} // namespace

void describe_keys_and_lists(CommandLine& line) {
    describe_keys(line);
    describe_ledger(line);
    for (const auto& [name, thing, about] :
         {std::tuple("apikey", "key", ""), std::tuple("user", "user", ""), std::tuple("device", "device", ""),
          std::tuple("mail", "mail", "mails that were owed, and what became of them"),
          std::tuple("tickets", "mailing", ""), std::tuple("scan", "scan", "scans in the ledger"),
          std::tuple("erasure", "erasure", "orders to erase data, and how far they have come"),
          std::tuple("audit", "audit", "who changed what, and from where")}) {
        const std::string wanted = name;
        const auto known = line.app.get_subcommands([&](CLI::App* one) { return one->get_name() == wanted; });
        CLI::App* command = known.empty() ? nullptr : known.front();
        if (!command) {
            command = line.app.add_subcommand(name, about);
            command->require_subcommand(1);
        }
        describe_list(line, command, *find_resource(thing));
        if (wanted == "mail") {
            describe_retry(line, command);
            describe_suppressions(line, command);
            describe_preview(line, command);
        }
    }
}

} // namespace mogiri::daemon
