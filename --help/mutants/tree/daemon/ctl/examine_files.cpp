// The doctor's look at the files: master keys and templates.
#include <sys/stat.h>

#include "contract/master_keys.hpp"
#include "doctor.hpp"

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
    return {examine_keys(configuration.keys.string()), examine_templates(configuration.templates)};
}

} // namespace mogiri::daemon
