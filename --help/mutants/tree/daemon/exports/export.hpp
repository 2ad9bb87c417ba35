// One export: what is wanted, how many rows that is, and its bytes as they are made.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "snapshot.hpp"
#include "subjects.hpp"

namespace mogiri::daemon {

struct ExportWish {
    std::string subject, format; // no format: the subject's usual one
    std::uint32_t event = 0;     // of a subject that is of one
    int day = 0;                 // of the door list; 0: every day
};

// What is wrong with a wish: "format", "not_in_list".
class ExportFault : public std::runtime_error {
  public:
    ExportFault(std::string field, const std::string& code)
        : std::runtime_error(code), field_(std::move(field)) {}
    const std::string& field() const { return field_; }

  private:
    std::string field_;
};

// Takes bytes as they are made, may wait, and throws to end the export; told of rows while there are no
// bytes.
class ExportSink {
  public:
    virtual ~ExportSink() = default;
    virtual void write(std::string_view bytes) = 0;
    virtual void progress(std::int64_t rows) = 0;
};

class Export {
  public:
    // Takes a snapshot and counts in it. Throws ExportFault and what Database throws.
    Export(const std::string& conninfo, ExportWish wish);

    std::int64_t rows() const { return rows_; }
    std::string_view content_type() const;
    std::string file_name() const; // "musicfes-tickets.csv"

    // Writes who got what and how much into the audit log; `database`: for whom act_as() has named. To be
    // called before anybody gets a byte.
    void note(Database& database) const;

    void run(ExportSink& sink);

  private:
    std::string rows_of(const ExportSubject& subject) const;
    std::int64_t count(const std::string& select);
    void write_lines(ExportSink& sink);
    void write_cells(ExportSink& sink);

    ExportWish wish_;
    const ExportSubject& subject_;
    Snapshot snapshot_;
    std::string slug_;
    std::string where_;
    std::int64_t rows_ = 0;
};

} // namespace mogiri::daemon
