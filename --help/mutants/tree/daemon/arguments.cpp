// mogirid's command line.
#include "arguments.hpp"

#include <getopt.h>

#include <cstdio>

namespace mogiri::daemon {

namespace {

constexpr const char* help =
    "mogirid - renders and mails tickets, keeps the ledger and the door's cache\n"
    "\n"
    "usage: mogirid [--config FILE] [--check]\n"
    "\n"
    "  --config FILE  the configuration (/etc/mogiri/mogirid.toml)\n"
    "  --check        read the configuration, keys and templates, say what is wrong, and end\n"
    "  --help         this\n"
    "  --version      the version\n"
    "\n"
    "Runs in the foreground and logs to stderr, as systemd likes it (Type=notify). SIGTERM ends it after "
    "the\n"
    "applications in hand, SIGHUP reloads its configuration. See mogirid(8) and mogirid.toml(5).\n";

} // namespace

Parsed parse_arguments(int count, char** values) {
    const option options[] = {{"config", required_argument, nullptr, 'c'},
                              {"check", no_argument, nullptr, 'k'},
                              {"help", no_argument, nullptr, 'h'},
                              {"version", no_argument, nullptr, 'v'},
                              {nullptr, 0, nullptr, 0}};
    Parsed parsed;
    for (int found; (found = getopt_long(count, values, "c:hv", options, nullptr)) != -1;) {
        switch (found) {
        case 'c':
            parsed.arguments.configuration = optarg;
            break;
        case 'k':
            parsed.arguments.wish = Wish::check;
            break;
        case 'h':
            std::fputs(help, stdout);
            parsed.exit_status = 0;
            return parsed;
        case 'v':
            std::puts("mogirid " MOGIRI_VERSION);
            parsed.exit_status = 0;
            return parsed;
        default:
            std::fputs("mogirid --help tells what there is\n", stderr);
            parsed.exit_status = 2;
            return parsed;
        }
    }
    if (optind < count) {
        std::fprintf(stderr, "mogirid: \"%s\" is not wanted here; mogirid --help tells what there is\n",
                     values[optind]);
        parsed.exit_status = 2;
    }
    return parsed;
}

} // namespace mogiri::daemon
