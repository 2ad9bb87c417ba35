// `mogirictl export`: what the ledger knows, as a file.
#include "ctl/event/export_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>

#include <json_owner.hpp>

#include "ctl/exit_status.hpp"
#include "ctl/file_in_making.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ctl/tickets/named_tickets.hpp"

namespace mogiri::daemon {

namespace {

// On a terminal, a line that is written over.
class Progress {
  public:
    Progress(std::string subject, std::int64_t all)
        : subject_(std::move(subject)), all_(std::max<std::int64_t>(all, 1)), shown_(isatty(STDERR_FILENO)) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() {
        if (shown_)
            std::cerr << "\r\033[K";
    }
    void tell(std::int64_t rows) {
        const auto now = std::chrono::steady_clock::now();
        if (!shown_ || now < next_)
            return;
        next_ = now + std::chrono::milliseconds(200);
        std::cerr << "\r\033[K" << subject_ << ": " << rows << " rows of " << all_ << " ("
                  << rows * 100 / all_ << " %)" << std::flush;
    }

  private:
    std::string subject_;
    std::int64_t all_;
    bool shown_;
    std::chrono::steady_clock::time_point next_{};
};

class FileSink : public ExportSink {
  public:
    FileSink(FileInMaking& file, Progress& progress) : file_(file), progress_(progress) {}
    void write(std::string_view bytes) override {
        file_.write(bytes);
        size_ += bytes.size();
    }
    void progress(std::int64_t rows) override {
        FileInMaking::end_if_interrupted();
        progress_.tell(rows);
    }
    std::size_t size() const { return size_; }

  private:
    FileInMaking& file_;
    Progress& progress_;
    std::size_t size_ = 0;
};

std::string choices() {
    std::string text;
    for (const ExportSubject& subject : export_subjects())
        text += (text.empty() ? "" : ", ") + std::string(subject.name) + " (" + std::string(subject.formats) +
                ")";
    return text;
}

} // namespace

void export_to_file(const Configuration& configuration, const ExportCommand& wish) {
    Database database = open_ledger(configuration);
    const ExportSubject* subject = find_export_subject(wish.subject);
    if (subject && !subject->of_event && !wish.event.empty())
        throw CommandFailure(ExitStatus::usage, "--event: " + wish.subject + " are of all events");
    const std::uint32_t event = subject && subject->of_event ? event_of(database, wish.event) : 0;
    try {
        Export made(configuration.database, {wish.subject, wish.format, event, wish.day});
        const bool binary = made.content_type().find("text") == std::string_view::npos &&
                            made.content_type().find("jsonl") == std::string_view::npos;
        if (wish.output == "-" && binary && isatty(STDOUT_FILENO))
            throw CommandFailure(ExitStatus::usage,
                                 "--output -: this is no text for a terminal; name a file");
        FileInMaking file(wish.output);
        made.note(database);
        Progress progress(wish.subject, made.rows());
        FileSink sink(file, progress);
        made.run(sink);
        file.finish();
        if (wish.output == "-")
            return;
        if (wish.json) {
            const Json told(json_object());
            json_object_set_new(told.get(), "file", json_of(wish.output));
            json_object_set_new(told.get(), "rows", json_integer(made.rows()));
            json_object_set_new(told.get(), "bytes", json_integer(static_cast<json_int_t>(sink.size())));
            print(told);
        } else
            std::cout << wish.output << ": " << made.rows() << " rows, " << sink.size() << " bytes\n";
    } catch (const ExportFault& fault) {
        if (fault.field() == "day" && fault.what() == std::string_view("not_in_list"))
            throw CommandFailure(ExitStatus::usage, "--day: the event has no such day");
        if (fault.field() == "day")
            throw CommandFailure(ExitStatus::usage, "--day: only door-list is of a day");
        throw CommandFailure(ExitStatus::usage, (fault.field() == "format"
                                                     ? "--format " + wish.format + ": not of " + wish.subject
                                                     : wish.subject + ": no such thing") +
                                                    "; there are " + choices());
    }
}

} // namespace mogiri::daemon
