#include "message/downgrade_plan.hpp"

#include <algorithm>
#include <utility>

#include "core/unicode.hpp"
#include "message/content_range.hpp"
#include "message/gmime_library.hpp"
#include "message/header_block.hpp"
#include "message/line_lengths.hpp"
#include "message/structure.hpp"

namespace postern::message {

namespace {

using kind = downgrade_step::kind;

constexpr std::size_t max_messages_within = 10;
constexpr std::size_t max_steps = 20'000;  // messages within messages have structure::max_parts each

/// What the octets of a body are like.
struct traits {
    std::uint64_t beyond_ascii = 0;
    bool binary = false;     ///< NUL, a bare CR or a bare LF
    bool long_line = false;  ///< longer than a line of mail may be
};

traits look_at(octet_window& window, std::uint64_t begin, std::uint64_t end) {
    traits t;
    char before = '\0';
    std::size_t line = 0;
    for (auto at = begin; at < end;) {
        const auto piece =
            window.at(at).substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(end - at, octet_window::capacity)));
        for (const char c : piece) {
            if (static_cast<unsigned char>(c) >= 0x80) ++t.beyond_ascii;
            if (c == '\0' || (before == '\r') != (c == '\n')) t.binary = true;
            line = c == '\n' ? 0 : line + 1;
            if (line > max_line + 1) t.long_line = true;  // with its CR
            before = c;
        }
        at += piece.size();
    }
    if (before == '\r') t.binary = true;
    return t;
}

/// Whether quoted-printable takes no more octets than base64 would; people can read it.
bool is_shorter_quoted(std::uint64_t size, std::uint64_t beyond_ascii) { return size + 2 * beyond_ascii <= (size + 2) / 3 * 4; }

/// What a header says about its body's encoding, as far as it matters here.
enum class declared { nothing, seven_bit, eight_bit, binary, encoded, unknown };

declared read_declared(const header_block& header) {
    auto value = header.find("Content-Transfer-Encoding");
    if (value.empty()) return declared::nothing;
    if (read_transfer_encoding(value) != transfer_encoding::identity) return declared::encoded;
    constexpr std::string_view blanks = " \t\r\n";
    value.remove_prefix(std::min(value.find_first_not_of(blanks), value.size()));
    const auto name = value.substr(0, value.find_first_of(" \t\r\n;("));
    if (same_name(name, "7bit")) return declared::seven_bit;
    if (same_name(name, "8bit")) return declared::eight_bit;
    if (same_name(name, "binary")) return declared::binary;
    return declared::unknown;
}

/// Plans one message, the whole one or one within it, whose octets begin at `base` of all.
class planner {
public:
    planner(const core::content& message, std::uint64_t base, downgrade_to target, std::size_t depth, downgrade_plan& into)
        : window_(message), message_(message), base_(base), target_(target), depth_(depth), plan_(into) {}

    void run() {
        const auto all = walk(window_);
        const auto& parts = all.parts();
        if (parts.size() >= structure::max_parts) return stop("it has too many parts");
        sealed_.resize(parts.size());
        for (std::size_t i = 0; i < parts.size() && !plan_.obstacle; ++i) {
            const auto& p = parts[i];
            if (p.parent != part::no_parent) sealed_[i] = sealed_[p.parent] || is_seal(parts[p.parent]);
            if (sealed_[i]) continue;
            if (p.opened) {
                plan_multipart(p);
            } else {
                plan_leaf(p);
            }
        }
    }

private:
    /// RFC 1847 2.1: who changes what is signed, even its encoding, breaks the signature.
    static bool is_seal(const part& p) { return p.is("multipart", "signed") || p.is("multipart", "encrypted"); }

    void stop(const char* why) { plan_.obstacle = why; }

    [[nodiscard]] bool may_not_pass(const traits& t) const {
        return t.binary || (target_ == downgrade_to::seven_bit && t.beyond_ascii > 0);
    }

    void plan_multipart(const part& p) {
        if (!core::is_ascii(p.boundary)) return stop("a boundary in it is not ASCII");
        add_header(p, lowered(declared_of(p)));
        plan_.steps.back().ends = true;
        if (!is_seal(p)) return;
        if (may_not_pass(look_at(window_, p.body.begin, p.body.end)))
            return stop("what would have to be changed is signed or encrypted");
        add(kind::body, p.body.begin, p.body.end);
    }

    void plan_leaf(const part& p) {
        const auto said = declared_of(p);
        const auto t = look_at(window_, p.body.begin, p.body.end);
        const bool may_stay = said == declared::encoded || p.type == "message" || !p.boundary.empty() || !t.long_line;
        if (!may_not_pass(t) && may_stay) {
            add_header(p, lowered(said));
            return add(kind::body, p.body.begin, p.body.end);
        }
        if (said == declared::encoded || said == declared::unknown) return stop("a part of it is not encoded as it says");
        if (p.is("message", "rfc822")) return plan_message_within(p, said);
        // RFC 2045 6.4: what holds other parts is never encoded; message/global may be (RFC 6532 3.5).
        if (!p.boundary.empty()) return stop("its parts cannot be told apart");
        if (p.type == "message" && !p.subtype.starts_with("global")) return stop("a report in it cannot be encoded");
        const bool readable = p.type == "text" && !t.binary && is_shorter_quoted(p.body.end - p.body.begin, t.beyond_ascii);
        add_header(p, readable ? "quoted-printable" : "base64");
        plan_.steps.back().whole = p.header == 0;
        add(readable ? kind::quoted_printable : kind::base64, p.body.begin, p.body.end);
    }

    void plan_message_within(const part& p, declared said) {
        if (depth_ == max_messages_within) return stop("its parts lie too deep");
        add_header(p, lowered(said));
        const content_range within(message_, p.body.begin, p.body.end);
        planner(within, base_ + p.body.begin, target_, depth_ + 1, plan_).run();
    }

    /// What stands where 8bit or binary was said and is not true any more; empty: nothing has to change.
    [[nodiscard]] std::string_view lowered(declared said) const {
        if (target_ == downgrade_to::seven_bit && (said == declared::eight_bit || said == declared::binary)) return "7bit";
        return said == declared::binary ? "8bit" : std::string_view();
    }

    [[nodiscard]] declared declared_of(const part& p) {
        std::vector<char> octets;
        for (auto at = p.header; at < std::min(p.body.begin, p.header + max_rewritten_header);) {
            const auto piece = window_.at(at).substr(
                0, static_cast<std::size_t>(std::min<std::uint64_t>(p.body.begin - at, octet_window::capacity)));
            if (piece.empty()) break;
            octets.insert(octets.end(), piece.begin(), piece.end());
            at += piece.size();
        }
        return read_declared(header_block(std::move(octets)));
    }

    void add_header(const part& p, std::string_view label) {
        if (!label.empty() && p.body.begin - p.header > max_rewritten_header) stop("a header in it is too long");
        add(kind::header, p.header, p.body.begin);
        plan_.steps.back().label = label;
    }

    void add(kind what, std::uint64_t begin, std::uint64_t end) {
        if (plan_.steps.size() == max_steps) stop("it has too many parts");
        plan_.steps.push_back({.what = what, .begin = base_ + begin, .end = base_ + end});
    }

    octet_window window_;
    const core::content& message_;
    std::uint64_t base_;
    downgrade_to target_;
    std::size_t depth_;
    downgrade_plan& plan_;
    std::vector<bool> sealed_;
};

}  // namespace

downgrade_plan plan_downgrade(const core::content& message, std::uint64_t offset, downgrade_to target) {
    start_gmime();
    downgrade_plan plan;
    const content_range from_offset(message, std::min(offset, message.size()), message.size());
    planner(from_offset, offset, target, 0, plan).run();
    return plan;
}

}  // namespace postern::message
