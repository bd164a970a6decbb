#include "message/downgrade.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/unicode.hpp"
#include "message/ascii.hpp"
#include "message/content_range.hpp"
#include "message/gmime_library.hpp"
#include "message/header_block.hpp"
#include "message/structure.hpp"

namespace postern::message {

namespace {

using kind = downgrade_step::kind;

/// Takes a field with its continuation lines off the front of a header.
std::string_view take_field(std::string_view& header) {
    auto end = header.find('\n');
    while (end != std::string_view::npos && end + 1 < header.size() && is_blank(header[end + 1]))
        end = header.find('\n', end + 1);
    const auto field = header.substr(0, end == std::string_view::npos ? end : end + 1);
    header.remove_prefix(field.size());
    return field;
}

// A field reads as it did: a NUL in it was passed over, a CR was white space. Elsewhere nothing may come or go that makes or
// unmakes a delimiter or a folded line: "*" is in no boundary (RFC 2046 5.1.1).
constexpr text_mender::rules field_rules{.keeps_beyond_ascii = true, .for_cr = ' ', .for_octet = '\0'};
constexpr text_mender::rules eight_bit_rules{.keeps_beyond_ascii = true, .for_cr = '*', .for_octet = '*'};
constexpr text_mender::rules seven_bit_rules{.keeps_beyond_ascii = false, .for_cr = '*', .for_octet = '*'};

/// Whether an empty line stands at the end of a header.
bool is_ended(std::string_view header) {
    if (header.ends_with('\n')) header.remove_suffix(header.ends_with("\r\n") ? 2 : 1);
    return header.empty() || header.ends_with('\n');
}

bool is_field(std::string_view field, std::string_view name) {
    const auto colon = field.find(':');
    if (colon == std::string_view::npos) return false;
    auto given = field.substr(0, colon);
    while (!given.empty() && is_blank(given.back())) given.remove_suffix(1);
    return same_name(given, name);
}

/// The header with another Content-Transfer-Encoding: in the place of the old one, else at its end.
void append_relabelled(std::string& out, std::string_view header, const downgrade_step& step) {
    const auto encoding = "Content-Transfer-Encoding: " + std::string(step.label) + "\r\n";
    const auto begin = out.size();
    bool said = false;
    bool mime = !step.whole;
    bool typed = !step.whole;
    std::string_view field;
    for (auto rest = header; !rest.empty();) {
        field = take_field(rest);
        if (field == "\r\n" || field == "\n") break;
        mime = mime || is_field(field, "MIME-Version");
        typed = typed || is_field(field, "Content-Type");
        if (!is_field(field, "Content-Transfer-Encoding")) {
            text_mender().feed(field, field_rules, true, out);
        } else if (!std::exchange(said, true)) {
            out += encoding;
        }
    }
    if (out.size() > begin && !out.ends_with('\n')) out += "\r\n";
    if (!mime) out += "MIME-Version: 1.0\r\n";
    // RFC 1428 section 3: text of which nobody said what it is.
    if (!typed) out += "Content-Type: text/plain; charset=unknown-8bit\r\n";
    if (!said) out += encoding;
    out += "\r\n";  // some leave the empty line out; now there is a field that must not run into the body
}

}  // namespace

downgrader::downgrader(std::shared_ptr<const core::content> message, std::uint64_t offset, downgrade_to target)
    : message_(std::move(message)),
      window_(*message_),
      target_(target),
      plan_(plan_downgrade(*message_, offset, target)),
      at_(offset) {}

bool downgrader::next(std::string& out) {
    if (step_ == plan_.steps.size()) {
        if (at_ == window_.size()) return false;
        copy_between(window_.size(), out);
        return true;
    }
    const auto& step = plan_.steps[step_];
    if (at_ < step.begin) {
        copy_between(step.begin, out);
        return true;
    }
    switch (step.what) {
        case kind::header:
        case kind::body: copy(step, out); break;
        case kind::quoted_printable:
        case kind::base64: encode(step, out); break;
    }
    if (at_ == step.end && !encoder_) ++step_;
    return true;
}

void downgrader::copy(const downgrade_step& step, std::string& out) {
    const auto most = step.what == kind::header && !step.label.empty() ? step.end - at_ : octet_window::capacity;
    std::string octets;
    while (octets.size() < std::min(most, step.end - at_)) {
        const auto piece = window_.at(at_ + octets.size());
        if (piece.empty()) throw std::runtime_error("the message is shorter than it was");
        octets += piece.substr(0, static_cast<std::size_t>(std::min(most, step.end - at_) - octets.size()));
    }
    at_ += octets.size();
    if (step.what == kind::body) {
        out += octets;
    } else if (step.label.empty()) {
        mender_.feed(octets, field_rules, at_ == step.end, out);
        // Some leave the empty line out; text that is mended could then pass for a field.
        if (step.ends && at_ == step.end && !is_ended(octets)) out += "\r\n";
    } else {
        append_relabelled(out, octets, step);
    }
}

/// Delimiters, and what stands before the first part and behind the last.
void downgrader::copy_between(std::uint64_t end, std::string& out) {
    const auto piece = window_.at(at_);
    if (piece.empty()) throw std::runtime_error("the message is shorter than it was");
    const auto taken = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(end - at_, octet_window::capacity)));
    at_ += taken.size();
    mender_.feed(taken, target_ == downgrade_to::eight_bit ? eight_bit_rules : seven_bit_rules, at_ == end, out);
}

void downgrader::encode(const downgrade_step& step, std::string& out) {
    if (!encoder_) {
        encoder_.emplace(step.what == kind::base64 ? transfer_encoding::base64 : transfer_encoding::quoted_printable);
    }
    const auto piece =
        window_.at(at_).substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(step.end - at_, octet_window::capacity)));
    if (piece.empty() && at_ < step.end) throw std::runtime_error("the message is shorter than it was");
    encoder_->feed(piece, out);
    at_ += piece.size();
    if (at_ < step.end) return;
    encoder_->finish(out);
    encoder_.reset();
}

bool has_utf8_header(const core::content& message, std::uint64_t offset) {
    start_gmime();
    const content_range from_offset(message, std::min(offset, message.size()), message.size());
    octet_window window(from_offset);
    const auto all = walk(window);
    for (const auto& p : all.parts()) {
        for (auto at = p.header; at < p.body.begin;) {
            const auto piece = window.at(at).substr(
                0, static_cast<std::size_t>(std::min<std::uint64_t>(p.body.begin - at, octet_window::capacity)));
            if (piece.empty()) return false;
            if (!core::is_ascii(piece)) return true;
            at += piece.size();
        }
    }
    return false;
}

}  // namespace postern::message
