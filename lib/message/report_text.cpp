#include "message/report_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "message/clean_text.hpp"
#include "message/line_lengths.hpp"

namespace postern::message {

namespace {

constexpr std::size_t text_columns = 72;
constexpr std::size_t max_words = 2000;  // of one reply: more tells a person nothing

/// Appends `text` in lines that begin with `margin`, broken between words.
void write(std::string& out, std::string_view text, std::string_view margin = "") {
    std::size_t used = 0;
    while (!text.empty()) {
        const auto word = cut_utf8(text.substr(0, text.find(' ')), longest_word);
        text.remove_prefix(word.size());
        if (text.starts_with(' ')) text.remove_prefix(1);
        if (word.empty()) continue;
        if (used > 0 && used + 1 + word.size() > text_columns) {
            out += '\n';
            used = 0;
        }
        if (used == 0) {
            out += margin;
            used = margin.size();
        } else {
            out += ' ';
            ++used;
        }
        out += word;
        used += word.size();
    }
    out += '\n';
}

/// The status without its class: "1.1" of "5.1.1".
std::string_view cause(std::string_view status) { return status.substr(std::min(status.find('.') + 1, status.size())); }

/// What the sender of a failed message can do, by RFC 3463's codes.
std::string_view advice(const reported_recipient& r) {
    const auto why = cause(r.status);
    if (r.status.starts_with('4'))
        return "The server was tried again and again until the time for it was over. Send the message once more later, or "
               "reach the recipient in another way.";
    if (why == "1.2" || why == "1.10" || why == "4.4" || why == "4.6")
        return "Please check the part of the address behind the @ for mistakes: no mail is taken there.";
    if (why.starts_with("1."))
        return "Please check the address for mistakes. If it is right, ask the recipient in another way which address is in "
               "use "
               "now.";
    if (why == "2.2") return "The recipient's mailbox is full. Please tell the recipient in another way, or try again later.";
    if (why == "2.3" || why == "3.4")
        return "The message is larger than the recipient's server takes. Please send less, or a link to a file instead of the "
               "file.";
    if (why.starts_with("6."))
        return "The recipient's server cannot take a message of this form. Please send it as plain text, or to an address "
               "without "
               "special characters.";
    if (why.starts_with("7."))
        return "The recipient's server refuses the message by its own rules. Please reach the recipient in another way, and "
               "ask "
               "for its administrator to be shown the answer above.";
    return "Please reach the recipient in another way, or ask the administrator of the recipient's server about the answer "
           "above.";
}

void write_answer(std::string& out, const reported_recipient& r) {
    const auto reply = clean_lines(cut_utf8(r.reply, max_words));
    const auto reason = clean_line(r.reason, max_words);
    if (!reply.empty()) {
        const auto host = clean_line(r.remote_host, max_words);
        write(out, host.empty() ? "The server answered:" : fmt::format("The server {} answered:", host), "    ");
        for (std::string_view rest = reply; !rest.empty();) {
            const auto line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            write(out, line, "      ");
        }
    } else if (!reason.empty()) {
        write(out, fmt::format("The reason: {}.", reason), "    ");
    }
}

void write_recipient(std::string& out, const reported_recipient& r) {
    out += fmt::format("\n  {}\n", clean_line(r.address, max_words));
    if (r.action == report_action::failed || r.action == report_action::delayed) write_answer(out, r);
    if (r.action == report_action::failed) write(out, advice(r), "    ");
    if (r.action == report_action::delayed && r.retry_until)
        write(out, fmt::format("It is tried again until {}.", core::to_rfc5322(*r.retry_until)), "    ");
}

/// The sentence above the recipients of one action.
std::string_view heading(report_action action) {
    switch (action) {
        case report_action::failed: return "It could not be delivered to the following, and no further attempt is made:";
        case report_action::delayed:
            return "It has not been delivered yet to the following. You need not send it again: it is tried further, and you "
                   "will be told if it fails.";
        case report_action::relayed: return "It was handed on for the following, to a server that does not confirm delivery:";
        case report_action::expanded: return "It was delivered to everyone behind the following:";
        case report_action::delivered: break;
    }
    return "It was delivered to the mailbox of the following:";
}

constexpr std::array actions{report_action::failed, report_action::delayed, report_action::relayed, report_action::expanded,
                             report_action::delivered};

}  // namespace

std::string_view report_subject(const delivery_report& report) {
    const auto gravest = std::ranges::min_element(report.recipients, {}, &reported_recipient::action);
    switch (gravest->action) {
        case report_action::failed: return "Your message could not be delivered";
        case report_action::delayed: return "Your message is delayed";
        case report_action::relayed: return "Your message was handed on";
        case report_action::expanded:
        case report_action::delivered: break;
    }
    return "Your message was delivered";
}

std::string report_text(const delivery_report& report, const original_facts& original) {
    std::string out;
    write(out, fmt::format("This is the mail server {}. It tells you what became of a message you sent:", report.hostname));
    out += '\n';
    if (!original.subject.empty()) write(out, "Subject: " + original.subject, "  ");
    write(out, "Sent: " + (original.date.empty() ? core::to_rfc5322(report.arrived) : original.date), "  ");
    for (const auto action : actions) {
        if (std::ranges::find(report.recipients, action, &reported_recipient::action) == report.recipients.end()) continue;
        out += '\n';
        write(out, heading(action));
        for (const auto& r : report.recipients) {
            if (r.action == action) write_recipient(out, r);
        }
    }
    out += "\nWhat follows is the same for mail programs, and your message or its header.\n";
    return out;
}

}  // namespace postern::message
