#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/content.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"
#include "net/errc.hpp"

namespace postern::net {

/// What all messages being received share: where they go when they grow large, and how much memory they may take.
///
/// Must outlive the spools made from it; the content they give may live longer.
class spool_area {
public:
    struct limits {
        std::uint64_t message_memory = 256ULL * 1024;    ///< octets of one message kept in memory
        std::uint64_t all_memory = 64ULL * 1024 * 1024;  ///< octets of all together, beyond which even small ones go to files
    };

    spool_area(blocking_pool& pool, std::filesystem::path directory, limits l);

    /// Octets of messages in memory now, those handed on as content included, and the room made for more of them.
    [[nodiscard]] std::uint64_t in_memory() const noexcept;

private:
    friend class spool;
    struct usage;
    [[nodiscard]] bool tight() const noexcept;

    blocking_pool& pool_;
    std::filesystem::path directory_;
    limits limits_;
    std::shared_ptr<usage> usage_;
};

/// Takes a message's octets as they come and gives them back as content: in memory while small, else in an unlinked file.
///
/// append() takes octets into memory and never waits; when full() says so, drain() moves them to the file on the pool's
/// threads, so the loop does no file I/O. At most message_memory plus one append lies in memory per spool.
/// A file has no name (O_TMPFILE, or unlinked at once): whatever happens to the process, nothing is left behind.
///
/// Errors: errc::disk_full and errc::spool_failed; the spool then keeps nothing more and says so at every drain() and finish().
class spool {
public:
    explicit spool(spool_area& area);
    ~spool();
    spool(const spool&) = delete;
    spool& operator=(const spool&) = delete;

    void append(std::string_view octets);

    /// Whether drain() is due.
    [[nodiscard]] bool full() const noexcept;

    awaitable<core::result<void>> drain();

    /// Everything appended, as one. At most once; nothing is appended after it.
    awaitable<core::result<std::shared_ptr<const core::content>>> finish();

    /// Octets appended.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    class file;
    class share;

    /// Octets of one trip to the file.
    [[nodiscard]] std::size_t unit() const noexcept;

    spool_area& area_;
    std::string memory_;
    std::size_t longest_ = 0;  // of what was appended in one piece
    std::unique_ptr<share> share_;
    std::shared_ptr<file> file_;
    std::uint64_t size_ = 0;
    core::result<void> state_;
};

}  // namespace postern::net
