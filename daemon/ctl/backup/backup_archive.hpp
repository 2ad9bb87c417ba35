// A backup as a file: a tar archive with a manifest that tells versions, numbers of rows and checksums.
//
//   MANIFEST.json   {"mogiri_backup": 1, "made_at", "mogiri", "migration", "postgresql", "tables": {name:
//   rows},
//                    "keys": [{"id", "mark"}], "files": {name: {"size", "sha256"}}}
//   ledger.dump     pg_dump's custom format
//   layouts/…       the ticket layouts that the events name
//   master.keys     only where that was asked for
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <json_owner.hpp>

namespace mogiri::daemon {

inline constexpr int backup_format = 1;
inline constexpr const char* ledger_dump = "ledger.dump";
inline constexpr const char* backup_keys = "master.keys";

// A folder of nobody else's, which is gone with what is in it when this is.
class Staging {
  public:
    // Throws CommandFailure.
    explicit Staging(const std::filesystem::path& beside);
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    ~Staging();
    const std::filesystem::path& folder() const { return folder_; }

  private:
    std::filesystem::path folder_;
};

// Adds "files" to the manifest, for all that lies in the folder, and packs both into the file.
void pack(const std::filesystem::path& folder, json_t* manifest, const std::string& file);

// Unpacks the file and reads its manifest, having compared every checksum. Throws CommandFailure (input) for
// what is no backup, damaged, or newer than this mogirictl.
Json unpack(const std::string& file, const std::filesystem::path& folder, int newest_migration);

// What tells master keys apart without telling them: by key id.
std::map<int, std::string> marks_of_keys(const std::string& file);

} // namespace mogiri::daemon
