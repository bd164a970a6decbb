#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace postern::core {

/// Wall-clock time in UTC, microseconds: what the databases keep.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Where the time comes from, so that tests can set it.
class clock {
public:
    virtual ~clock() = default;
    [[nodiscard]] virtual timestamp now() const = 0;
};

/// The machine's clock.
class system_clock final : public clock {
public:
    [[nodiscard]] timestamp now() const override;
};

/// A clock that stands still until told otherwise.
class manual_clock final : public clock {
public:
    explicit manual_clock(timestamp start) : now_(start) {}
    [[nodiscard]] timestamp now() const override { return now_; }
    void advance(std::chrono::microseconds by) { now_ += by; }

private:
    timestamp now_;
};

/// RFC 3339 in UTC, whole seconds: "2026-11-23T05:10:00Z".
[[nodiscard]] std::string to_rfc3339(timestamp t);

/// Reads a date-time of RFC 3339 5.6 with its offset, from year 0001 to 9999; a fraction is cut off behind the microsecond, and
/// a leap second is the one that follows. nullopt for anything else.
[[nodiscard]] std::optional<timestamp> parse_rfc3339(std::string_view text);

/// RFC 5322 3.3 date-time in UTC: "Mon, 23 Nov 2026 05:10:00 +0000".
[[nodiscard]] std::string to_rfc5322(timestamp t);

}  // namespace postern::core
