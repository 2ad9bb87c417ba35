// The doctor's look at the files: master keys and templates.
#include <sys/stat.h>

#include <toml++/toml.h>

#include "contract/master_keys.hpp"
#include "ctl/system/doctor.hpp"

namespace mogiri::daemon {

namespace {

Finding examine_keys(const std::string& file) {
    struct stat about {};
    if (stat(file.c_str(), &about) != 0)
        return {"keys", Verdict::wrong, file + " is not there or cannot be reached",
                "mogirictl keys create " + file + ", or put the copy back that you kept"};
    if (about.st_mode & 027)
        return {"keys", Verdict::wrong, file + " may be read or written by others: they could forge tickets",
                "chmod 640 " + file + " (owner root, group mogiri), or 600"};
    try {
        const MasterKeys keys = MasterKeys::load(file);
        return {"keys", Verdict::good, file + ": key " + std::to_string(keys.signing_key()) + " signs", ""};
    } catch (const std::exception& error) {
        return {"keys", Verdict::wrong, file + ": " + error.what(),
                "run this as a user who may read it; lines are `<key id 0-15> <64 hex digits>`"};
    }
}

// Files with passwords in them; the configuration is one where a server's address has its password.
std::vector<std::filesystem::path> secret_files(const Configuration& configuration) {
    std::vector<std::filesystem::path> files;
    const std::string& url = configuration.database;
    const std::size_t at = url.find('@'), scheme = url.find("://");
    bool is_secret = url.find("password=") != url.npos ||
                     (at != url.npos && scheme != url.npos && url.find(':', scheme + 3) < at);
    // The configuration keeps what stood in it, not its name.
    const toml::table document = toml::parse_file(configuration.file.string());
    if (const auto file = document["redis"]["password_file"].value<std::string>())
        files.emplace_back(*file);
    std::multimap<std::string, std::string> options(configuration.mail.options.begin(),
                                                    configuration.mail.options.end());
    options.insert(configuration.mail.fallback_options.begin(), configuration.mail.fallback_options.end());
    for (const auto& [key, value] : options) {
        // One without a slash is a credential that systemd keeps.
        for (const char* end : {"password_file", "access_key_file", "token_file"})
            if (key.ends_with(end) && value.find('/') != value.npos)
                files.emplace_back(value);
        is_secret = is_secret || key.ends_with("password");
    }
    if (is_secret)
        files.push_back(configuration.file);
    return files;
}

Findings examine_secrets(const Configuration& configuration) {
    Findings findings;
    for (const std::filesystem::path& file : secret_files(configuration)) {
        struct stat about {};
        if (stat(file.c_str(), &about) == 0 && (about.st_mode & 027) != 0)
            findings.push_back({"secrets", Verdict::wrong,
                                file.string() + " has a password in it and may be read or written by others",
                                "chmod 640 " + file.string() + " (owner root, group mogiri), or 600"});
    }
    if (findings.empty())
        findings.push_back(
            {"secrets", Verdict::good, "files with passwords are for their owner and group alone", ""});
    return findings;
}

Finding examine_templates(const std::filesystem::path& directory) {
    const auto has = [&](const char* part) {
        std::error_code error;
        return std::filesystem::is_directory(directory / part, error);
    };
    if (!has("mail") || !has("tickets"))
        return {"templates", Verdict::wrong, directory.string() + " has no mail and tickets in it",
                "set templates.directory to where the package put them: /usr/share/mogiri/templates"};
    if (!has("pages") || !has("locales"))
        return {"templates", Verdict::warning, directory.string() + " has no pages and locales in it",
                "where nginx runs here: apt install libnginx-mod-http-mogiri"};
    return {"templates", Verdict::good, directory.string() + " has pages, mails, tickets and locales", ""};
}

} // namespace

Findings examine_files(const Configuration& configuration) {
    Findings findings{examine_keys(configuration.keys.string()), examine_templates(configuration.templates)};
    for (Finding& finding : examine_secrets(configuration))
        findings.push_back(std::move(finding));
    return findings;
}

} // namespace mogiri::daemon
