#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "archive/archive.hpp"
#include "archive/file.hpp"
#include "archive/maildir.hpp"
#include "archive/mbox_reader.hpp"
#include "message/summary.hpp"
#include "storage/archive_store.hpp"
#include "storage/digest.hpp"
#include "storage/errc.hpp"

namespace postern::archive {
namespace {

namespace fs = std::filesystem;
using storage::mailbox_role;

constexpr std::size_t messages_at_once = 50;
constexpr std::uint64_t octets_at_once = 4ULL * 1024 * 1024;
constexpr std::size_t known_at_once = 1'000;
constexpr std::size_t read_at_once = 64UL * 1024;
constexpr int deepest_folder = 16;

using digest = std::array<unsigned char, 32>;
using short_digest = std::array<unsigned char, 16>;  // enough to tell messages apart, and half the memory

short_digest shortened(const digest& whole) {
    short_digest half{};
    std::ranges::copy_n(whole.begin(), half.size(), half.begin());
    return half;
}

/// Line ends as a message has them. A CR at the end of a piece waits for the next.
class crlf_maker {
public:
    std::string take(std::string_view piece) {
        std::string out;
        out.reserve(piece.size() + piece.size() / 32);
        for (const char c : piece) {
            if (c == '\n' && last_ != '\r') out += '\r';
            out += last_ = c;
        }
        return out;
    }

private:
    char last_ = '\0';
};

/// One account's import.
class import_run {
public:
    import_run(storage::database& into, storage::account account, import_options how, net::spool_area& spools,
               const core::clock& clock, observer told)
        : into_(into),
          account_(std::move(account)),
          how_(std::move(how)),
          spools_(spools),
          clock_(clock),
          told_(std::move(told)) {}

    net::awaitable<core::result<report>> run(std::string path) {
        try {
            auto read = how_.as == format::maildir ? co_await read_maildir(path) : co_await read_mboxes(path, "", 0);
            if (!read) co_return std::unexpected(read.error());
        } catch (const std::exception& thrown) {
            co_return std::unexpected(disk_failure(thrown));
        }
        co_return done_;
    }

private:
    using outcome = core::result<void>;

    void failed(const std::string& what, const std::string& why) {
        ++done_.failed;
        told_.failed(what, why);
    }

    // Mailboxes

    /// Makes `name` the one that messages go to from here on. False: it cannot be had, which was told.
    net::awaitable<core::result<bool>> choose(std::string name) {
        const auto mailboxes = co_await into_.messages().list_mailboxes(account_.id);
        if (!mailboxes) co_return std::unexpected(mailboxes.error());
        const auto role = role_of_name(name);
        const auto found = std::ranges::find_if(*mailboxes, [&](const storage::mailbox& m) {
            return m.name == name || (role != mailbox_role::none && m.role == role);
        });
        if (found != mailboxes->end()) {
            mailbox_ = found->id;
        } else {
            const auto made = co_await into_.mailboxes().add(account_.id, name, clock_.now());
            if (!made && made.error().code != storage::errc::refused) co_return std::unexpected(made.error());
            if (!made) {
                failed("mailbox " + name, made.error().message());
                co_return false;
            }
            mailbox_ = made->id;
        }
        co_return co_await read_known();
    }

    /// What the mailbox holds, by content: as many copies of a message as are there are not brought again.
    net::awaitable<core::result<bool>> read_known() {
        known_.clear();
        for (std::int64_t after = 0;;) {
            const auto entries = co_await into_.archive().list(account_.id, mailbox_, after, known_at_once);
            if (!entries) co_return std::unexpected(entries.error());
            for (const auto& e : *entries) {
                after = e.uid;
                ++known_[shortened(e.sha256)];
            }
            if (entries->size() < known_at_once) co_return true;
        }
    }

    // Messages

    net::awaitable<outcome> take(std::shared_ptr<const core::content> octets, core::timestamp received_at, flags state) {
        const auto sha256 = storage::sha256(*octets);
        if (const auto known = known_.find(shortened(sha256)); known != known_.end()) {
            if (--known->second == 0) known_.erase(known);
            ++done_.known;
            co_return outcome();
        }
        storage::imported_message m{.received_at = received_at,
                                    .seen = state.seen,
                                    .flagged = state.flagged,
                                    .answered = state.answered,
                                    .summary = message::summarize(*octets),
                                    .octets = std::move(octets),
                                    .sha256 = sha256};
        waiting_octets_ += m.octets->size();
        waiting_.push_back(std::move(m));
        if (waiting_.size() < messages_at_once && waiting_octets_ < octets_at_once) co_return outcome();
        co_return co_await store();
    }

    net::awaitable<outcome> store() {
        const auto batch = std::exchange(waiting_, {});
        waiting_octets_ = 0;
        if (batch.empty()) co_return outcome();
        auto stored = co_await add(batch);
        if (stored || stored.error().code != storage::errc::over_quota) co_return stored;
        // Of these not all fit. As many as do come in, so that the quota is used up and not nearly so.
        for (const auto& each : batch) {
            if (stored = co_await add({each}); !stored) break;
        }
        co_return stored;
    }

    net::awaitable<outcome> add(std::vector<storage::imported_message> messages) {
        const auto count = messages.size();
        std::uint64_t octets = 0;
        for (const auto& each : messages) octets += each.octets->size();
        auto stored = co_await into_.archive().add(account_.id, mailbox_, std::move(messages), how_.beyond_quota, clock_.now());
        if (stored) {
            done_.messages += count;
            done_.octets += octets;
        }
        co_return stored;
    }

    // Maildir

    net::awaitable<outcome> read_maildir(fs::path top) {
        if (!fs::is_directory(top / "cur") && !fs::is_directory(top / "new")) {
            co_return std::unexpected(core::error{std::make_error_code(std::errc::not_a_directory),
                                                  top.string() + " is no Maildir: it has no folder cur or new"});
        }
        std::vector<std::pair<std::string, fs::path>> folders{{"INBOX", top}};
        for (const auto& found : fs::directory_iterator(top)) {
            const auto mailbox = mailbox_of_folder(found.path().filename().string());
            if (mailbox && found.is_directory() && fs::is_directory(found.path() / "cur")) {
                folders.emplace_back(*mailbox, found.path());
            }
        }
        std::ranges::sort(folders);
        for (const auto& [name, folder] : folders) {
            const auto chosen = co_await choose(how_.mailbox.value_or(name));
            if (!chosen) co_return std::unexpected(chosen.error());
            if (!*chosen) continue;
            if (auto read = co_await read_folder(folder); !read) co_return read;
        }
        co_return outcome();
    }

    /// In order of the names, which begin with the time of delivery.
    net::awaitable<outcome> read_folder(fs::path folder) {
        std::vector<fs::path> files;
        for (const auto* part : {"cur", "new"}) {
            if (!fs::is_directory(folder / part)) continue;
            for (const auto& found : fs::directory_iterator(folder / part)) {
                const auto name = found.path().filename().string();
                if (!name.starts_with('.') && found.is_regular_file()) files.push_back(found.path());
            }
        }
        std::ranges::sort(files, {}, [](const fs::path& path) { return path.filename(); });
        for (const auto& path : files) {
            if (auto read = co_await read_file(path); !read) co_return read;
        }
        co_return co_await store();
    }

    net::awaitable<outcome> read_file(fs::path path) {
        const auto name = path.filename().string();
        std::shared_ptr<const core::content> octets;
        core::timestamp received_at;
        try {
            file from(path, file::mode::read);
            received_at = from.modified_at();
            const auto own = own_file_of(name);
            auto read = co_await spooled(from, own && own->size == from.size());
            if (!read) co_return std::unexpected(read.error());
            octets = *std::move(read);
        } catch (const std::system_error& thrown) {
            failed(path.string(), thrown.what());
            co_return outcome();
        }
        const auto size = octets->size();
        auto taken = co_await take(std::move(octets), received_at, flags_of(name));
        told_.passed(size);
        co_return taken;
    }

    /// `exact`: octets as they are, since they are a stored message's.
    net::awaitable<core::result<std::shared_ptr<const core::content>>> spooled(file& from, bool exact) {
        net::spool to(spools_);
        crlf_maker lines;
        std::string piece(read_at_once, '\0');
        while (const auto got = from.read(piece)) {
            const auto octets = std::string_view(piece).substr(0, got);
            exact ? to.append(octets) : to.append(lines.take(octets));
            if (!to.full()) continue;
            if (auto drained = co_await to.drain(); !drained) co_return std::unexpected(drained.error());
        }
        co_return co_await to.finish();
    }

    // mbox

    /// A file, or all below a folder: Mail/Work.sbd/2026 is Work/2026.
    net::awaitable<outcome> read_mboxes(fs::path path, std::string parent, int depth) {
        if (!fs::is_directory(path)) co_return co_await read_mbox(path, parent + name_of(path));
        std::vector<fs::path> inside;
        for (const auto& found : fs::directory_iterator(path)) {
            if (!found.path().filename().string().starts_with('.') && !found.is_symlink()) inside.push_back(found.path());
        }
        std::ranges::sort(inside);
        for (const auto& each : inside) {
            const bool folder = fs::is_directory(each);
            if (folder && depth == deepest_folder) continue;
            auto read = co_await read_mboxes(each, folder ? parent + name_of(each) + '/' : parent, depth + 1);
            if (!read) co_return read;
        }
        co_return outcome();
    }

    static std::string name_of(const fs::path& path) {
        auto name = path.filename().string();
        for (const std::string_view ending : {".mbox", ".sbd"}) {
            if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
        }
        std::string plain;
        for (std::size_t i = 0; i < name.size(); ++i) {
            const auto code = name[i] == '%' ? name.substr(i, 3) : "";
            if (code == "%2F" || code == "%25" || code == "%2E") {
                plain += code == "%2F" ? '/' : code == "%25" ? '%' : '.';
                i += 2;
            } else {
                plain += name[i];
            }
        }
        return plain;
    }

    net::awaitable<outcome> read_mbox(fs::path path, std::string mailbox) {
        mbox_reader reader;
        file from(path, file::mode::read);
        std::string piece(read_at_once, '\0');
        auto got = from.read(piece);
        auto events = reader.feed(std::string_view(piece).substr(0, got));
        if (got == 0) co_return outcome();
        if (!reader.is_mbox()) {
            // Beside mboxes lie indexes and notes, ours too; but a file that was named is meant.
            if (!path.string().ends_with(".state") && !path.string().ends_with(".msf")) {
                failed(path.string(), "is no mbox: it does not begin with \"From \"");
            }
            co_return outcome();
        }
        const auto chosen = co_await choose(how_.mailbox.value_or(mailbox));
        if (!chosen) co_return std::unexpected(chosen.error());
        if (!*chosen) co_return outcome();
        std::unique_ptr<net::spool> message;
        core::timestamp received_at;
        for (bool ended = false;;) {
            for (auto& event : events) {
                if (auto taken = co_await take_event(event, message, received_at); !taken) co_return taken;
            }
            told_.passed(got);
            if (ended) break;
            got = from.read(piece);
            ended = got == 0;
            events = ended ? reader.finish() : reader.feed(std::string_view(piece).substr(0, got));
        }
        co_return co_await store();
    }

    net::awaitable<outcome> take_event(mbox_event& event, std::unique_ptr<net::spool>& message, core::timestamp& received_at) {
        switch (event.what) {
            case mbox_event::kind::begin:
                message = std::make_unique<net::spool>(spools_);
                received_at = event.received_at.value_or(clock_.now());
                co_return outcome();
            case mbox_event::kind::octets:
                message->append(event.octets);
                if (message->full()) co_return co_await message->drain();
                co_return outcome();
            case mbox_event::kind::end: break;
        }
        auto whole = co_await message->finish();
        if (!whole) co_return std::unexpected(whole.error());
        co_return co_await take(*std::move(whole), received_at, event.state);
    }

    storage::database& into_;
    storage::account account_;
    import_options how_;
    net::spool_area& spools_;
    const core::clock& clock_;
    observer told_;
    storage::mailbox_id mailbox_;
    std::map<short_digest, std::uint32_t> known_;
    std::vector<storage::imported_message> waiting_;
    std::uint64_t waiting_octets_ = 0;
    report done_;
};

}  // namespace

net::awaitable<core::result<report>> import_account(storage::database& into, storage::account account, std::string path,
                                                    import_options how, net::spool_area& spools, const core::clock& clock,
                                                    observer told) {
    import_run work(into, std::move(account), std::move(how), spools, clock, std::move(told));
    co_return co_await work.run(std::move(path));
}

std::uint64_t octets_below(const std::string& path) {
    std::error_code wrong;
    if (fs::is_regular_file(path, wrong)) return fs::file_size(path, wrong);
    std::uint64_t sum = 0;
    for (const auto& each : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, wrong)) {
        std::error_code gone;
        const auto size = each.is_regular_file(gone) ? each.file_size(gone) : 0;
        if (!gone) sum += size;
    }
    return sum;
}

}  // namespace postern::archive
