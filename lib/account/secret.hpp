#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::account {

/// Octets that are wiped from memory when no longer needed: a password on its way to the hash.
///
/// The octets stay in one place on the heap; moving hands that place on and leaves no copy behind.
class secret {
public:
    secret() = default;
    explicit secret(std::string_view text) : octets_(text.begin(), text.end()) {}
    /// Takes the octets and wipes `text`, whose own storage would otherwise keep them.
    explicit secret(std::string&& text);
    secret(secret&&) noexcept = default;
    secret& operator=(secret&& other) noexcept;
    secret(const secret&) = delete;
    secret& operator=(const secret&) = delete;
    ~secret();

    [[nodiscard]] std::string_view reveal() const noexcept { return {octets_.data(), octets_.size()}; }

private:
    std::vector<char> octets_;
};

}  // namespace postern::account
