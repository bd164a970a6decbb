#include "imap/protocol/command_reader.hpp"

#include <algorithm>

#include "imap/protocol/append_prefix.hpp"
#include "imap/protocol/parse_cursor.hpp"

namespace postern::imap {

using fault = command_reader::faulty::fault;

namespace {

constexpr std::size_t line_end = 2;  // CRLF

}  // namespace

command_reader::progress command_reader::feed(std::string_view input) {
    if (told_) held_.clear();
    told_ = false;
    if (now_ == reading::message) return {0, more_input{}};
    for (std::size_t at = 0; at < input.size();) {
        if (literal_left_ > 0) {
            at += take_literal(input.substr(at));
        } else if (auto what = take(input[at++])) {
            return {at, *what};
        }
    }
    return {input.size(), more_input{}};
}

void command_reader::resume_after_message(bool sent) noexcept {
    begin_anew();
    if (sent) now_ = reading::behind_message;
}

bool command_reader::in_command() const noexcept { return now_ != reading::nothing; }

/// An octet of a line.
std::optional<command_reader::event> command_reader::take(char c) {
    if (now_ == reading::nothing) {
        now_ = reading::command;
        limit_now_ = limit_;
    }
    if (after_cr_) {
        after_cr_ = false;
        if (c == '\n') return end_line();
        spoil(fault::bare_cr);
    }
    after_cr_ = c == '\r';
    if (after_cr_) return std::nullopt;
    if (c == '\n') spoil(fault::bare_lf);
    if (c == '\0') spoil(fault::nul);
    tail_.take(c);
    if (skipping_) return std::nullopt;
    if (held_.size() + 1 + line_end > limit_now_) return tell(fault::too_long);
    held_ += c;
    return std::nullopt;
}

/// Takes what is there of the literal; returns how much that was.
std::size_t command_reader::take_literal(std::string_view input) {
    const auto part = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(literal_left_, input.size())));
    literal_left_ -= part.size();
    if (!skipping_) {
        const auto sound = part.substr(0, part.find('\0'));
        held_ += sound;
        if (sound.size() < part.size()) spoil(fault::nul);
    }
    return part.size();
}

std::optional<command_reader::event> command_reader::end_line() {
    const auto announced = tail_;
    tail_.reset();
    return announced.announced() ? begin_literal(announced) : finish();
}

std::optional<command_reader::event> command_reader::begin_literal(const literal_tail& announced) {
    const auto size = announced.size();
    if (skipping_) {
        // RFC 9051 4.3: a client that waits takes the refusal and does not send the literal.
        if (announced.waits()) return finish();
        literal_left_ = size;
        return std::nullopt;
    }
    const auto before = std::string_view(held_).substr(0, held_.size() - announced.length());
    // The message is the first literal, or the second where the mailbox is one: looking at all would cost the square of them.
    if (now_ == reading::command && literals_ < 2 && size <= max_number64 && is_append_prefix(before)) {
        held_.resize(before.size());
        in_parenthesis_ = held_.ends_with('(');
        now_ = reading::message;
        told_ = true;
        return message_literal{held_, size, announced.waits()};
    }
    if (size > limit_now_ || held_.size() + line_end + size + line_end > limit_now_) {
        const auto told = tell(fault::too_long);
        // RFC 7888 section 4: what was announced without waiting comes whatever we say.
        if (announced.waits())
            begin_anew();
        else
            literal_left_ = size;
        return told;
    }
    ++literals_;
    held_ += "\r\n";
    literal_left_ = size;
    if (announced.waits()) return continuation{};
    return std::nullopt;
}

/// The command is at its end.
std::optional<command_reader::event> command_reader::finish() {
    const bool spoiled = skipping_;
    const auto why = untold_;
    std::string_view octets = held_;
    if (in_parenthesis_ && now_ == reading::behind_message && octets.starts_with(')')) octets.remove_prefix(1);
    begin_anew();
    if (spoiled && !why) return std::nullopt;
    told_ = true;
    if (spoiled) return faulty{*why, octets};
    return complete{octets};
}

command_reader::event command_reader::tell(faulty::fault why) {
    skipping_ = true;
    told_ = true;
    return faulty{why, held_};
}

/// The first fault of a command is the one that is told.
void command_reader::spoil(faulty::fault why) noexcept {
    tail_.reset();
    if (!skipping_) untold_ = why;
    skipping_ = true;
}

/// The next octet begins a command. What is held stays until the next feed().
void command_reader::begin_anew() noexcept {
    now_ = reading::nothing;
    tail_.reset();
    literal_left_ = 0;
    literals_ = 0;
    after_cr_ = false;
    skipping_ = false;
    untold_.reset();
}

}  // namespace postern::imap
