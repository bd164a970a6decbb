#include "net/spool.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace postern::net {

namespace {

constexpr std::size_t write_unit = 256 * 1024;  // one trip to the pool per so many octets
constexpr std::size_t write_unit_when_tight = 16 * 1024;

core::error file_error(int number) {
    const auto why = std::generic_category().message(number);
    const auto full = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return {make_error_code(full ? errc::disk_full : errc::spool_failed), "spool file: " + why};
}

}  // namespace

struct spool_area::usage {
    std::atomic<std::uint64_t> octets = 0;
};

/// A spool's, later a content's, part in the memory all of them use. Content may be let go on any thread.
class spool::share {
public:
    explicit share(std::shared_ptr<spool_area::usage> of) : of_(std::move(of)) {}
    ~share() { set(0); }
    share(const share&) = delete;
    share& operator=(const share&) = delete;

    void set(std::uint64_t octets) noexcept {
        of_->octets.fetch_add(octets - octets_, std::memory_order_relaxed);  // unsigned: also takes away
        octets_ = octets;
    }

private:
    std::shared_ptr<spool_area::usage> of_;
    std::uint64_t octets_ = 0;
};

/// An unlinked file, written by one job at a time, then only read.
class spool::file final : public core::content {
public:
    file() = default;
    ~file() override {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    file(const file&) = delete;
    file& operator=(const file&) = delete;

    core::result<void> open(const std::filesystem::path& directory) {
        descriptor_ = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (descriptor_ >= 0) return {};
        // Not every file system (NFS, older overlayfs) has files without a name.
        if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return std::unexpected(file_error(errno));
        auto name = (directory / "spool-XXXXXX").string();
        descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
        if (descriptor_ < 0 || ::unlink(name.c_str()) != 0) return std::unexpected(file_error(errno));
        return {};
    }

    core::result<void> append(std::string_view octets) {
        if (descriptor_ < 0) return std::unexpected(file_error(EBADF));
        while (!octets.empty()) {
            const auto n = ::pwrite(descriptor_, octets.data(), octets.size(), static_cast<off_t>(size_));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return std::unexpected(file_error(errno));
            size_ += static_cast<std::uint64_t>(n);
            octets.remove_prefix(static_cast<std::size_t>(n));
        }
        return {};
    }

    [[nodiscard]] std::uint64_t size() const override { return size_; }

    std::size_t read(std::uint64_t offset, std::span<char> into) const override {
        std::size_t have = 0;
        while (have < into.size()) {
            const auto n = ::pread(descriptor_, into.data() + have, into.size() - have, static_cast<off_t>(offset + have));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) throw std::system_error(errno, std::generic_category(), "spool file");
            if (n == 0) break;
            have += static_cast<std::size_t>(n);
        }
        return have;
    }

private:
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
};

namespace {

/// Octets in memory that count as used until nobody holds them any more.
template <class Share>
class counted_content final : public core::content {
public:
    counted_content(std::string octets, std::unique_ptr<Share> share) : inner_(std::move(octets)), share_(std::move(share)) {}
    [[nodiscard]] std::uint64_t size() const override { return inner_.size(); }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override { return inner_.read(offset, into); }
    [[nodiscard]] std::optional<std::string_view> in_memory() const override { return inner_.in_memory(); }

private:
    core::memory_content inner_;
    std::unique_ptr<Share> share_;
};

}  // namespace

spool_area::spool_area(blocking_pool& pool, std::filesystem::path directory, limits l)
    : pool_(pool), directory_(std::move(directory)), limits_(l), usage_(std::make_shared<usage>()) {}

std::uint64_t spool_area::in_memory() const noexcept { return usage_->octets.load(std::memory_order_relaxed); }

bool spool_area::tight() const noexcept { return in_memory() > limits_.all_memory; }

spool::spool(spool_area& area) : area_(area), share_(std::make_unique<share>(area.usage_)) {}

spool::~spool() = default;

void spool::append(std::string_view octets) {
    size_ += octets.size();
    if (!state_) return;
    longest_ = std::max(longest_, octets.size());
    // What has a file will fill a unit: room for all of it at once, in place of copies to an ever larger place. And all of it
    // counts, or slow senders would hold memory that no limit knows of.
    if (file_ && memory_.empty()) memory_.reserve(std::max(unit(), octets.size()));
    memory_.append(octets);
    share_->set(file_ ? memory_.capacity() : memory_.size());
}

std::size_t spool::unit() const noexcept { return area_.tight() ? write_unit_when_tight : write_unit; }

bool spool::full() const noexcept {
    if (file_) return !memory_.empty() && memory_.size() + longest_ > unit();
    if (area_.tight()) return memory_.size() >= write_unit_when_tight;
    return memory_.size() > area_.limits_.message_memory;
}

awaitable<core::result<void>> spool::drain() {
    if (!state_ || memory_.empty()) co_return state_;
    const auto first = !file_;
    if (first) file_ = std::make_shared<file>();
    // The job owns what it works on: this object may go away with its session before a job that waits is begun.
    auto job = [to = file_, first, directory = first ? area_.directory_ : std::filesystem::path(),
                octets = std::exchange(memory_, {})]() -> core::result<void> {
        core::result<void> done;
        if (first) done = to->open(directory);
        if (done) done = to->append(octets);
        return done;
    };
    // The room goes with the octets: kept for the next ones it would be memory that no limit counts.
    state_ = co_await area_.pool_.run(std::move(job));
    share_->set(0);
    co_return state_;
}

awaitable<core::result<std::shared_ptr<const core::content>>> spool::finish() {
    using content = std::shared_ptr<const core::content>;
    if (!file_ && state_) co_return content(std::make_shared<counted_content<share>>(std::move(memory_), std::move(share_)));
    const auto done = co_await drain();
    if (!done) co_return std::unexpected(done.error());
    memory_ = {};
    co_return content(std::move(file_));
}

}  // namespace postern::net
