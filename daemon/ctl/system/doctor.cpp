// `mogirictl doctor`: the order of the examination, and how its findings are shown.
#include "ctl/system/doctor.hpp"

#include <algorithm>
#include <iostream>
#include <optional>

#include "ctl/print_json.hpp"

namespace mogiri::daemon {

namespace {

const char* name_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::good:
        return "good";
    case Verdict::warning:
        return "warning";
    case Verdict::wrong:
        return "wrong";
    }
    return "";
}

Findings examine(const std::filesystem::path& configuration_file) {
    Findings all;
    std::optional<Configuration> configuration;
    try {
        configuration = load_configuration(configuration_file, process_environment());
        all.push_back({"configuration", Verdict::good, configuration_file.string() + " is in order", ""});
    } catch (const ConfigurationError& error) {
        all.push_back(
            {"configuration", Verdict::wrong, error.what(), "mend the file; nothing else was examined"});
        return all;
    }
    for (auto look : {examine_files, examine_redis, examine_database, examine_mail}) {
        Findings some = look(*configuration);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

void print_json(const Findings& findings, bool healthy) {
    Json list(json_array());
    for (const Finding& finding : findings)
        json_array_append_new(list.get(),
                              json_pack("{s:s, s:s, s:s, s:s}", "subject", finding.subject.c_str(), "verdict",
                                        name_of(finding.verdict), "says", finding.says.c_str(), "remedy",
                                        finding.remedy.c_str()));
    Json document(json_object());
    json_object_set_new(document.get(), "healthy", json_boolean(healthy));
    json_object_set_new(document.get(), "findings", list.release());
    print(document);
}

void print_text(const Findings& findings) {
    for (const Finding& finding : findings) {
        std::string subject = finding.subject;
        subject.resize(std::max<std::size_t>(subject.size(), 14), ' ');
        std::string verdict = finding.verdict == Verdict::good ? "ok" : name_of(finding.verdict);
        verdict.resize(8, ' ');
        std::cout << verdict << subject << finding.says << '\n';
        if (!finding.remedy.empty())
            std::cout << std::string(22, ' ') << "→ " << finding.remedy << '\n';
    }
}

} // namespace

bool doctor(const std::filesystem::path& configuration_file, bool json) {
    const Findings findings = examine(configuration_file);
    const bool healthy = std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.verdict == Verdict::wrong;
    });
    if (json)
        print_json(findings, healthy);
    else
        print_text(findings);
    return healthy;
}

} // namespace mogiri::daemon
