#pragma once

#include <cstddef>
#include <string_view>

namespace postern::smtp {

/// What no line of text may hold (RFC 5321 2.3.8, 4.1.1.4). Different servers take a bare CR, a bare LF or a NUL for different
/// things; a message that holds one can be two messages to the next server, so we refuse it wherever it stands.
enum class octet_fault { none, bare_cr, bare_lf, nul };

[[nodiscard]] std::string_view to_string(octet_fault f) noexcept;

/// How many octets at the start of `text` can be skipped at once because nothing in them matters: no fault, no line that starts
/// with a dot. A multiple of plain_block; 0 when attention is needed sooner.
///
/// Presumes that the octet before `text` was neither CR nor LF. Each octet is judged with the one after it, so the first octet
/// that is not skipped exists and fits the last one that is: behind a CR it is a LF, behind a LF it is no dot.
inline constexpr std::size_t plain_block = 64;
[[nodiscard]] std::size_t plain_prefix(std::string_view text) noexcept;

/// Checks a text for faults, in pieces of any size; one octet of state.
class line_discipline {
public:
    void feed(std::string_view text) noexcept;

    /// The text has ended: a CR at its very end is bare.
    void finish() noexcept;

    /// The first fault seen, or none.
    [[nodiscard]] octet_fault first_fault() const noexcept { return fault_; }

private:
    bool after_cr_ = false;
    octet_fault fault_ = octet_fault::none;
};

}  // namespace postern::smtp
