#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::core {

/// The octets of a message, wherever they lie: in memory while small, in a spool file while large, in the database later.
///
/// Immutable once made, so threads may share one. read() may block: call it off the loop unless in_memory() has a value.
class content {
public:
    virtual ~content() = default;

    /// Octets in all.
    [[nodiscard]] virtual std::uint64_t size() const = 0;

    /// Copies octets from `offset` on into `into`; returns how many, fewer than asked only at the end.
    /// Throws std::system_error when the medium fails.
    virtual std::size_t read(std::uint64_t offset, std::span<char> into) const = 0;

    /// The whole as one view when it costs nothing to give; it lives as long as this object.
    [[nodiscard]] virtual std::optional<std::string_view> in_memory() const { return std::nullopt; }
};

/// Octets held in a string.
class memory_content final : public content {
public:
    explicit memory_content(std::string octets) : octets_(std::move(octets)) {}
    [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override;
    [[nodiscard]] std::optional<std::string_view> in_memory() const override { return octets_; }

private:
    std::string octets_;
};

/// `prefix` (trace fields) in front of `rest`, without copying `rest`.
class prefixed_content final : public content {
public:
    prefixed_content(std::string prefix, std::shared_ptr<const content> rest)
        : prefix_(std::move(prefix)), rest_(std::move(rest)) {}
    [[nodiscard]] std::uint64_t size() const override { return prefix_.size() + rest_->size(); }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override;

private:
    std::string prefix_;
    std::shared_ptr<const content> rest_;
};

/// All octets as one string, wherever they lie. For content known to be small; may block.
[[nodiscard]] std::string read_all(const content& from);

}  // namespace postern::core
