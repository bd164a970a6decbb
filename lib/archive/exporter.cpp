#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "archive/archive.hpp"
#include "archive/file.hpp"
#include "archive/maildir.hpp"
#include "archive/mbox_writer.hpp"
#include "storage/archive_store.hpp"
#include "storage/errc.hpp"

namespace postern::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t entries_at_once = 500;
constexpr std::uint64_t in_memory = 1024ULL * 1024;  // octets of a message; a larger one is read in pieces
constexpr std::size_t piece_size = 256UL * 1024;
constexpr std::uint64_t octets_between_notes = 64ULL * 1024 * 1024;

/// Where a mailbox's messages are written to. Throws std::system_error where the disk fails.
class target {
public:
    virtual ~target() = default;
    /// Entries up to this uid are there already.
    [[nodiscard]] virtual std::int64_t written_up_to() const = 0;
    /// Whether it is there already; its flags are then as they are now.
    virtual bool has(const storage::archived_entry& entry) = 0;
    virtual void write(const storage::archived_entry& entry, const core::content& octets) = 0;
    virtual void finish() = 0;
};

flags flags_of_entry(const storage::archived_entry& e) { return {e.seen, e.flagged, e.answered}; }

template <class F>
void for_each_piece(const core::content& octets, F each) {
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, octets.size())), '\0');
    for (std::uint64_t offset = 0; offset < octets.size();) {
        const auto got = octets.read(offset, piece);
        if (got == 0) throw std::runtime_error("the message ended before its size");
        each(std::string_view(piece).substr(0, got));
        offset += got;
    }
}

/// A Maildir folder. Every message is a file that appears whole, named for its entry.
class maildir_target final : public target {
public:
    explicit maildir_target(fs::path folder, bool inbox) : folder_(std::move(folder)) {
        for (const auto* part : {"tmp", "new", "cur"}) fs::create_directories(folder_ / part);
        if (!inbox) file(folder_ / "maildirfolder", file::mode::append).flush();  // Maildir++: this is a folder of another
        for (const auto& found : fs::directory_iterator(folder_ / "cur")) {
            const auto name = found.path().filename().string();
            if (const auto own = own_file_of(name)) known_.emplace_back(own->entry, flags_of(name));
        }
        std::ranges::sort(known_, {}, &known::first);
    }

    [[nodiscard]] std::int64_t written_up_to() const override { return 0; }

    bool has(const storage::archived_entry& e) override {
        const auto at = std::ranges::lower_bound(known_, e.id.value, {}, &known::first);
        if (at == known_.end() || at->first != e.id.value) return false;
        const auto now = flags_of_entry(e);
        if (at->second == now) return true;
        std::error_code wrong;  // its flags had other letters than ours
        fs::rename(path_of(e, at->second), path_of(e, now), wrong);
        return true;
    }

    void write(const storage::archived_entry& e, const core::content& octets) override {
        const auto unfinished = folder_ / "tmp" / file_name_of(e.id.value, e.received_at, octets.size());
        fs::remove(unfinished);
        {
            file made(unfinished, file::mode::create);
            for_each_piece(octets, [&](std::string_view piece) { made.write(piece); });
            made.set_modified_at(e.received_at);
            made.flush();
        }
        fs::rename(unfinished, path_of(e, flags_of_entry(e)));
    }

    void finish() override { flush_folder(folder_ / "cur"); }

private:
    using known = std::pair<std::int64_t, flags>;

    [[nodiscard]] fs::path path_of(const storage::archived_entry& e, const flags& f) const {
        return folder_ / "cur" / (file_name_of(e.id.value, e.received_at, static_cast<std::uint64_t>(e.size)) + info_of(f));
    }

    fs::path folder_;
    std::vector<known> known_;  // by entry
};

/// An mbox. What was written after the last note of how far it has come is cut off and written again.
class mbox_target final : public target {
public:
    mbox_target(const fs::path& path, const storage::mailbox& of)
        : state_path_(path.string() + ".state"), state_(read_state(state_path_, of)), mbox_(path, file::mode::append) {
        if (state_.size > mbox_.size()) state_ = {of.uid_validity, 0, 0};  // somebody took the mbox away
        mbox_.cut(state_.size);
    }

    [[nodiscard]] std::int64_t written_up_to() const override { return state_.uid; }
    bool has(const storage::archived_entry& /*e*/) override { return false; }

    void write(const storage::archived_entry& e, const core::content& octets) override {
        mbox_writer form;
        put(form.begin(e.reverse_path, e.received_at, flags_of_entry(e)));
        for_each_piece(octets, [&](std::string_view piece) { put(form.octets(piece)); });
        put(form.end());
        state_.uid = e.uid;
        if (state_.size - noted_ > octets_between_notes) finish();
    }

    void finish() override {
        mbox_.flush();
        replace_file(state_path_, fmt::format("{} {} {}\n", state_.uid_validity, state_.uid, state_.size));
        noted_ = state_.size;
    }

private:
    struct state {
        std::int64_t uid_validity = 0;
        std::int64_t uid = 0;
        std::uint64_t size = 0;
    };

    static state read_state(const fs::path& path, const storage::mailbox& of) {
        state fresh{of.uid_validity, 0, 0};
        if (!fs::exists(path)) return fresh;
        state found;
        std::ifstream text(path);
        const bool whole(text >> found.uid_validity >> found.uid >> found.size);
        return whole && found.uid_validity == of.uid_validity ? found : fresh;
    }

    void put(std::string_view octets) {
        mbox_.write(octets);
        state_.size += octets.size();
    }

    fs::path state_path_;
    state state_;
    file mbox_;
    std::uint64_t noted_ = 0;
};

/// A mailbox's name as that of a file: what a file system or we ourselves take for something else is percent-encoded.
std::string file_of_mailbox(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == '/' || c == '%' || (c == '.' && out.empty())) {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    return out + ".mbox";
}

std::unique_ptr<target> open_target(const storage::mailbox& of, format as, const fs::path& folder) {
    if (as == format::mbox) return std::make_unique<mbox_target>(folder / file_of_mailbox(of.name), of);
    const bool inbox = of.role == storage::mailbox_role::inbox;
    return std::make_unique<maildir_target>(inbox ? folder : folder / folder_of_mailbox(of.name), inbox);
}

net::awaitable<core::result<void>> write_entry(storage::database& from, const storage::archived_entry& e, target& to,
                                               const observer& told, report& done) {
    const auto octets = co_await from.messages().read_content(e.message, in_memory);
    if (!octets && octets.error().code == storage::errc::unavailable) co_return std::unexpected(octets.error());
    if (!octets) {
        // Removed meanwhile, or damaged: the others are none the worse for it.
        ++done.failed;
        told.failed(fmt::format("message {}", e.message.value), octets.error().message());
        co_return core::result<void>();
    }
    to.write(e, **octets);
    ++done.messages;
    done.octets += static_cast<std::uint64_t>(e.size);
    co_return core::result<void>();
}

/// What it holds when it begins: what arrives as fast as this writes would have it follow for ever.
net::awaitable<core::result<void>> export_mailbox(storage::database& from, const storage::mailbox& of, target& to,
                                                  const observer& told, report& done) {
    for (auto after = to.written_up_to();;) {
        const auto entries = co_await from.archive().list(of.account, of.id, after, entries_at_once);
        if (!entries) co_return std::unexpected(entries.error());
        for (const auto& e : *entries) {
            after = e.uid;
            if (e.uid >= of.uid_next) break;
            if (to.has(e)) {
                ++done.known;
            } else if (auto written = co_await write_entry(from, e, to, told, done); !written) {
                co_return written;
            }
            told.passed(static_cast<std::uint64_t>(e.size));
        }
        if (entries->size() < entries_at_once || after >= of.uid_next) break;
    }
    to.finish();
    co_return core::result<void>();
}

}  // namespace

net::awaitable<core::result<report>> export_account(storage::database& from, storage::account account, format as,
                                                    std::string folder, observer told) {
    report done;
    const auto mailboxes = co_await from.messages().list_mailboxes(account.id);
    if (!mailboxes) co_return std::unexpected(mailboxes.error());
    try {
        fs::create_directories(folder);
        for (const auto& each : *mailboxes) {
            const auto to = open_target(each, as, folder);
            if (auto written = co_await export_mailbox(from, each, *to, told, done); !written) {
                co_return std::unexpected(written.error());
            }
        }
    } catch (const std::exception& thrown) {
        co_return std::unexpected(disk_failure(thrown));
    }
    co_return done;
}

}  // namespace postern::archive
