// A file that appears under its name when it is whole, or never: written beside it and renamed.
//
// SIGINT, SIGTERM and SIGHUP end it as a failure does, and nothing is left behind.
#pragma once

#include <string>
#include <string_view>

namespace mogiri::daemon {

class FileInMaking {
  public:
    // "-": standard output, which nobody can take back. Mode 600. Throws CommandFailure.
    explicit FileInMaking(const std::string& path);
    FileInMaking(const FileInMaking&) = delete;
    FileInMaking& operator=(const FileInMaking&) = delete;
    ~FileInMaking();

    // Throw CommandFailure, also after a signal.
    void write(std::string_view bytes);
    void finish();
    static void end_if_interrupted();
    // From now on a signal is noted and no longer ends us; the constructor does it, too.
    static void heed_signals();

    // Where it is being written, for others to write it.
    const std::string& beside() const { return beside_; }

  private:
    std::string path_, beside_;
    int file_ = -1;
};

} // namespace mogiri::daemon
