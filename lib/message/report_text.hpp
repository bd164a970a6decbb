#pragma once

#include <string>
#include <string_view>

#include "message/delivery_report.hpp"

namespace postern::message {

/// What of the original a person knows it by; clean text, any of it may be empty.
struct original_facts {
    std::string subject;
    std::string date;
    std::string message_id;
};

/// "Your message could not be delivered", by the gravest action.
[[nodiscard]] std::string_view report_subject(const delivery_report& report);

/// The words for people: what happened, to whom, what the remote said, what to do. UTF-8, lines end in LF, no control
/// characters else; lines of at most 78 columns where words allow.
[[nodiscard]] std::string report_text(const delivery_report& report, const original_facts& original);

}  // namespace postern::message
