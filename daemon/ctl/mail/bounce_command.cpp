// `mogirictl bounce` and `mogirictl mail unsuppress`: mails that came back, and addresses that are good
// again.
#include "ctl/mail/bounce_command.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>

#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/bounce_ledger.hpp"
#include "mail/bounce.hpp"

namespace mogiri::daemon {

namespace {

namespace fs = std::filesystem;

// No more than is looked at, and one byte to tell that there is more.
std::string read_all(std::istream& stream) {
    std::string text(largest_bounce + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (stream.bad())
        throw NotABounce("it cannot be read");
    return text;
}

std::string read_file(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw NotABounce("it cannot be read");
    return read_all(stream);
}

class Intake {
  public:
    Intake(Database& database, bool json) : ledger_(database), json_(json) {}
    ~Intake() {
        if (json_)
            print(list_);
        std::cout.flush();
    }
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;

    // False when it is none that we understand.
    bool take(const std::string& name, const std::function<std::string()>& read) {
        try {
            note(name, read_bounce(read()));
            return true;
        } catch (const NotABounce& why) {
            all_understood_ = false;
            std::cerr << "mogirictl: " << name << ": " << why.what() << '\n';
            json_array_append_new(list_.get(),
                                  json_pack("{s:s, s:s}", "file", name.c_str(), "error", why.what()));
            return false;
        }
    }

    bool all_understood() const { return all_understood_; }

  private:
    void note(const std::string& name, const Bounce& bounce) {
        const auto mail = ledger_.find(bounce.message_ids, bounce.provider_id);
        if (!mail)
            throw NotABounce(
                "it is of no mail that we sent: none has the Message-ID " +
                one_line(bounce.message_ids.empty() ? bounce.provider_id : bounce.message_ids.front()));
        const std::string kind = bounce_name(bounce.kind);
        const bool news = bounce.kind == BounceKind::news;
        const bool fresh = !news && ledger_.note(*mail, kind, bounce.status, bounce.said, bounce.source);
        json_array_append_new(list_.get(), json_pack("{s:s, s:I, s:s, s:s, s:s, s:b}", "file", name.c_str(),
                                                     "mail", static_cast<json_int_t>(mail->id), "application",
                                                     mail->application.c_str(), "kind", kind.c_str(),
                                                     "status", bounce.status.c_str(), "noted", fresh));
        if (json_)
            return;
        std::cout << name << ": mail " << mail->id;
        if (news)
            std::cout << ": nothing came back; nothing to note\n";
        else if (!fresh)
            std::cout << ": noted before\n";
        else
            std::cout << (bounce.kind == BounceKind::complaint ? " was complained about"
                                                               : " came back, " + kind)
                      << (bounce.status.empty() ? "" : " " + bounce.status)
                      << (bounce.kind == BounceKind::soft ? "\n" : "; its address gets no more mail\n");
    }

    BounceLedger ledger_;
    bool json_, all_understood_ = true;
    Json list_{json_array()};
};

// Seen or flagged ones were dealt with.
bool is_dealt_with(const std::string& name) {
    const std::size_t flags = name.rfind(":2,");
    return flags != name.npos && name.find_first_of("SF", flags + 3) != name.npos;
}

void take_maildir(Intake& intake, const fs::path& maildir) {
    std::vector<fs::path> files;
    for (const char* folder : {"new", "cur"}) {
        std::error_code missing;
        for (const fs::directory_entry& entry : fs::directory_iterator(maildir / folder, missing))
            if (entry.is_regular_file() && entry.path().filename().string().front() != '.' &&
                !is_dealt_with(entry.path().filename()))
                files.push_back(entry.path());
        if (missing)
            throw CommandFailure(ExitStatus::input, (maildir / folder).string() + ": " + missing.message() +
                                                        "; a maildir has the folders new, cur and tmp");
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
        const bool understood = intake.take(file.string(), [&] { return read_file(file); });
        std::string name = file.filename();
        name.erase(std::min(name.rfind(":2,"), name.size()));
        fs::rename(file, maildir / "cur" / (name + (understood ? ":2,S" : ":2,F")));
    }
}

} // namespace

ExitStatus take_bounces(const Configuration& configuration, const BounceWish& wish) {
    Database database = open_ledger(configuration);
    name_deed(database, "mail.bounce");
    Intake intake(database, wish.json);
    if (!wish.maildir.empty())
        take_maildir(intake, wish.maildir);
    std::vector<std::string> files = wish.files;
    if (files.empty() && wish.maildir.empty())
        files.emplace_back("-");
    for (const std::string& file : files)
        intake.take(file == "-" ? "standard input" : file,
                    [&] { return file == "-" ? read_all(std::cin) : read_file(file); });
    return intake.all_understood() ? ExitStatus::done : ExitStatus::input;
}

void unsuppress(const Configuration& configuration, const std::vector<std::string>& words, bool json) {
    Database database = open_ledger(configuration);
    name_deed(database, "mail.unsuppress");
    BounceLedger ledger(database);
    Transaction transaction(database);
    Json list(json_array());
    for (const std::string& word : words) {
        std::int64_t mail = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), mail);
        const bool number = error == std::errc{} && end == word.data() + word.size();
        if (!(number ? ledger.lift(mail) : ledger.lift(std::string_view(word))))
            throw CommandFailure(ExitStatus::wrong,
                                 word + ": " + (number ? "the address of that mail is" : "that address is") +
                                     " not suppressed; nothing was changed");
        json_array_append_new(list.get(), json_of(word));
    }
    transaction.commit();
    if (json)
        return print(list);
    for (const std::string& word : words)
        std::cout << word << (word.find('@') == word.npos ? ": its address" : "") << " gets mail again\n";
}

} // namespace mogiri::daemon
