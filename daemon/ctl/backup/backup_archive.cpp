// A backup as a file: a tar archive with a manifest that tells versions, numbers of rows and checksums.
#include "ctl/backup/backup_archive.hpp"

#include <sodium.h>

#include <array>
#include <cstdlib>
#include <fstream>

#include <master_keys.hpp>

#include "ctl/backup/program.hpp"
#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

namespace {

namespace fs = std::filesystem;

constexpr const char* manifest_name = "MANIFEST.json";

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
    throw CommandFailure(ExitStatus::input, file + ": " + why + "; nothing was changed");
}

std::string checksum(const fs::path& path) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    std::ifstream file(path, std::ios::binary);
    std::array<char, 65536> piece{};
    while (file.read(piece.data(), piece.size()), file.gcount() > 0)
        crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(piece.data()),
                                  static_cast<unsigned long long>(file.gcount()));
    std::array<std::uint8_t, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&state, digest.data());
    return hex(digest);
}

// By their names in the archive, what is no plain file among them.
std::map<std::string, fs::path> files_in(const fs::path& folder) {
    std::map<std::string, fs::path> files;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
        if (entry.symlink_status().type() != fs::file_type::directory)
            files[entry.path().lexically_relative(folder).string()] = entry.path();
    return files;
}

Json read_manifest(const std::string& file, const fs::path& folder) {
    const fs::path path = folder / manifest_name;
    if (!fs::is_regular_file(fs::symlink_status(path)))
        refuse(file, "is no backup of mogiri: it has no " + std::string(manifest_name));
    std::ifstream stream(path);
    try {
        return parse_json(std::string(std::istreambuf_iterator<char>(stream), {}));
    } catch (const std::invalid_argument&) {
        refuse(file, "is damaged: its manifest cannot be read");
    }
}

} // namespace

Staging::Staging(const fs::path& beside) {
    std::string name = (beside / "mogiri-XXXXXX").string();
    if (!mkdtemp(name.data()))
        throw CommandFailure(ExitStatus::wrong, beside.string() + ": no folder can be made there");
    folder_ = name;
}

Staging::~Staging() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void pack(const fs::path& folder, json_t* manifest, const std::string& file) {
    json_t* files = json_object();
    json_object_set_new(manifest, "files", files);
    for (const auto& [name, path] : files_in(folder)) {
        json_t* about = json_object();
        json_object_set_new(files, name.c_str(), about);
        json_object_set_new(about, "size", json_integer(static_cast<json_int_t>(fs::file_size(path))));
        json_object_set_new(about, "sha256", json_of(checksum(path)));
    }
    std::ofstream(folder / manifest_name) << json_text(manifest) << '\n';
    std::vector<std::string> words{
        "tar",        "--create",        "--format=posix", "--owner=0",
        "--group=0",  "--numeric-owner", "--file=" + file, "--directory=" + folder.string(),
        manifest_name};
    for (const auto& [name, path] : files_in(folder))
        if (name != manifest_name)
            words.push_back(name);
    run_program(words);
}

Json unpack(const std::string& file, const fs::path& folder, int newest_migration) {
    if (!fs::is_regular_file(file))
        refuse(file, "is no file");
    try {
        run_program({"tar", "--extract", "--no-same-owner", "--no-same-permissions", "--file=" + file,
                     "--directory=" + folder.string()});
    } catch (const CommandFailure& failure) {
        refuse(file, std::string("is no backup of mogiri, or a damaged one (") + failure.what() + ")");
    }
    Json manifest = read_manifest(file, folder);
    const json_t* format = json_object_get(manifest.get(), "mogiri_backup");
    const json_t* migration = json_object_get(manifest.get(), "migration");
    const json_t* files = json_object_get(manifest.get(), "files");
    if (!json_is_integer(format) || !json_is_integer(migration) || !json_is_object(files))
        refuse(file, "is no backup of mogiri: its manifest says nothing of one");
    if (json_integer_value(format) > backup_format)
        refuse(file, "was made by a newer mogirictl, as format " +
                         std::to_string(json_integer_value(format)) + ": install that version");
    if (json_integer_value(migration) > newest_migration)
        refuse(file, "is of a newer mogiri: its ledger is at migration " +
                         std::to_string(json_integer_value(migration)) + ", this mogirictl knows " +
                         std::to_string(newest_migration));
    const auto found = files_in(folder);
    const char* name = nullptr;
    json_t* about = nullptr;
    json_object_foreach(const_cast<json_t*>(files), name, about) {
        const auto at = found.find(name);
        if (at == found.end() || !fs::is_regular_file(fs::symlink_status(at->second)))
            refuse(file, std::string("is damaged: ") + name + " is missing");
        if (json_integer_value(json_object_get(about, "size")) !=
                static_cast<json_int_t>(fs::file_size(at->second)) ||
            text_of(json_object_get(about, "sha256")) != checksum(at->second))
            refuse(file, std::string("is damaged: ") + name + " has another checksum");
    }
    if (!json_object_get(files, ledger_dump))
        refuse(file, "is no backup of mogiri: it has no ledger");
    if (found.size() != json_object_size(files) + 1)
        refuse(file, "has files that its manifest does not name");
    return manifest;
}

std::map<int, std::string> marks_of_keys(const std::string& file) {
    const MasterKeys keys = MasterKeys::load(file);
    std::map<int, std::string> marks;
    for (const std::uint8_t id : keys.key_ids())
        marks[id] = hex(keys.derive("mark of a backup", 0, id)).substr(0, 16);
    return marks;
}

} // namespace mogiri::daemon
