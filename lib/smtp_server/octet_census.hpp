#pragma once

#include <string_view>

namespace postern::smtp_server {

/// Whether a message has octets beyond ASCII, in its header section or in its body: what it is, whatever BODY and SMTPUTF8
/// said of it, for mail programs often do not say.
class octet_census {
public:
    /// The next octets of the message.
    void look_at(std::string_view octets) noexcept;

    [[nodiscard]] bool eight_bit_header() const noexcept { return header_; }
    [[nodiscard]] bool eight_bit() const noexcept { return header_ || body_; }

private:
    bool header_ = false;
    bool body_ = false;
    bool in_header_ = true;
    bool line_empty_ = true;  // of the line we stand in nothing has come yet, but perhaps a CR
};

}  // namespace postern::smtp_server
