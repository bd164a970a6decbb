#include "smtp_client/transaction.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/format.hpp"
#include "core/unicode.hpp"
#include "smtp/address.hpp"
#include "smtp/reply_reader.hpp"
#include "smtp/xtext.hpp"

namespace postern::smtp_client {

namespace {

using kind = delivery_status::kind;

bool needs_smtputf8(const envelope& e, std::span<const recipient> to) {
    return e.smtputf8 || !core::is_ascii(e.reverse_path) ||
           std::ranges::any_of(to, [](const recipient& r) { return !core::is_ascii(r.path); });
}

/// An address that is none could end its command and begin another, or bring parameters of its own.
bool is_path(const std::string& text) { return smtp::parse_mailbox(text).has_value(); }

/// A reply of a class that says nothing here.
delivery_status unfit(const smtp::reply& r) {
    auto s = failure(kind::temporary, {4, 5, 0}, "the server's reply does not fit the command");
    s.reply = smtp::to_line(r);
    return s;
}

}  // namespace

shortcoming lacks(const smtp::extensions& offered, const envelope& e, std::span<const recipient> to) {
    if (!offered.binary_mime && e.body == smtp::body_type::binary) return shortcoming::binary_mime;
    if (!offered.eight_bit_mime && e.body == smtp::body_type::eight_bit) return shortcoming::eight_bit_mime;
    if (!offered.smtputf8 && needs_smtputf8(e, to)) return shortcoming::smtputf8;
    return shortcoming::none;
}

delivery_status failure(kind what, smtp::enhanced_status status, std::string reason) {
    delivery_status s;
    s.what = what;
    s.status = status;
    s.reason = std::move(reason);
    return s;
}

delivery_status judge(const smtp::reply& r) {
    delivery_status s;
    s.reply = smtp::to_line(r);
    const auto klass = static_cast<std::uint16_t>(r.code / 100);
    s.status = r.status.value_or(smtp::enhanced_status{klass, 0, 0});
    switch (klass) {
        case 2: s.what = kind::delivered; break;
        case 4: s.what = kind::temporary; break;
        case 5: s.what = kind::permanent; break;
        default: return unfit(r);
    }
    return s;
}

delivery_status refused(const smtp::reply& r) { return r.code < 400 ? unfit(r) : judge(r); }

transaction::transaction(const smtp::extensions& offered, const envelope& e, std::span<const recipient> to, std::uint64_t size,
                         bool protected_now, bool reset_first)
    : offered_(offered),
      envelope_(e),
      recipients_(to),
      size_(size),
      utf8_(offered.smtputf8 && needs_smtputf8(e, to)),
      protected_(protected_now),
      reset_(reset_first),
      open_(reset_first),
      outcomes_(to.size()) {
    refuse_beforehand();
}

void transaction::refuse_beforehand() {
    switch (lacks(offered_, envelope_, recipients_)) {
        case shortcoming::none: break;
        case shortcoming::eight_bit_mime:
            return settle(failure(kind::permanent, {5, 6, 3}, "the message is 8-bit, which the server does not take"));
        case shortcoming::binary_mime:
            return settle(failure(kind::permanent, {5, 6, 3}, "the message is binary, which the server does not take"));
        case shortcoming::smtputf8: refuse_utf8(); break;
    }
    // RFC 1870 6.1: the server would refuse it anyway.
    if (const auto most = offered_.size.value_or(0); most > 0 && size_ > most) {
        return settle(failure(kind::permanent, {5, 3, 4},
                              fmt::format("the message has {} octets, the server takes at most {}", size_, most)));
    }
    if (!envelope_.reverse_path.empty() && !is_path(envelope_.reverse_path)) {
        return settle(failure(kind::permanent, {5, 1, 7}, "the sender's address is not valid"));
    }
    for (std::size_t i = 0; i < recipients_.size(); ++i) {
        if (!outcomes_[i] && !is_path(recipients_[i].path)) {
            outcomes_[i] = failure(kind::permanent, {5, 1, 3}, "the recipient's address is not valid");
        }
    }
}

/// RFC 6531 3.5: where it is only a recipient's address that needs SMTPUTF8, the others get their mail.
void transaction::refuse_utf8() {
    if (envelope_.smtputf8 || !core::is_ascii(envelope_.reverse_path)) {
        return settle(failure(kind::permanent, {5, 6, 7}, "the message needs SMTPUTF8, which the server does not offer"));
    }
    for (std::size_t i = 0; i < recipients_.size(); ++i) {
        if (core::is_ascii(recipients_[i].path)) continue;
        outcomes_[i] = failure(kind::permanent, {5, 6, 7}, "the address has UTF-8, which the server does not take");
    }
}

std::string transaction::mail() const {
    auto command = fmt::format("MAIL FROM:<{}>", envelope_.reverse_path);
    if (offered_.size) core::append(command, " SIZE={}", size_);
    if (envelope_.body == smtp::body_type::eight_bit) command += " BODY=8BITMIME";
    if (envelope_.body == smtp::body_type::binary) command += " BODY=BINARYMIME";
    if (utf8_) command += " SMTPUTF8";
    if (offered_.dsn) {
        const auto ret = smtp::to_string(envelope_.ret);
        if (!ret.empty()) command.append(" RET=").append(ret);
        if (envelope_.envid) command.append(" ENVID=").append(smtp::encode_xtext(*envelope_.envid));
    }
    return command + "\r\n";
}

std::string transaction::rcpt(const recipient& r) const {
    auto command = fmt::format("RCPT TO:<{}>", r.path);
    if (offered_.dsn) {
        if (const auto notify = smtp::to_string(r.notify); !notify.empty()) command.append(" NOTIFY=").append(notify);
        if (r.orcpt) {
            const auto value = smtp::encode_orcpt(*r.orcpt, utf8_);
            if (!value.empty()) command.append(" ORCPT=").append(value);
        }
    }
    return command + "\r\n";
}

bool transaction::may_add(const group& g, const std::string& command) const {
    if (g.steps.empty()) return true;
    return offered_.pipelining && g.steps.size() < max_group_commands && g.octets.size() + command.size() <= max_group_octets;
}

transaction::group transaction::next_group() {
    group g;
    const auto add = [&](step s, const std::string& command) {
        if (!may_add(g, command)) return false;
        g.octets += command;
        g.steps.push_back(s);
        return true;
    };
    if (data_ || !is_pending()) return g;
    if (reset_ && add({step::kind::reset}, "RSET\r\n")) reset_ = false;
    if (!reset_ && mail_ && add({step::kind::mail}, mail())) mail_ = false;
    if (mail_) return g;
    for (; next_ < recipients_.size(); ++next_) {
        if (outcomes_[next_]) continue;
        if (named_ == offered_.rcpt_max) {
            leave_the_rest(failure(kind::temporary, {4, 5, 3}, "the server takes no more recipients at once"));
            break;
        }
        if (!add({step::kind::rcpt, next_}, rcpt(recipients_[next_]))) return g;
        ++named_;
    }
    // RFC 2920 3.1: DATA may be the last of a group whose outcome is not known.
    if (!uses_chunks() && is_pending() && add({step::kind::data}, "DATA\r\n")) data_ = true;
    return g;
}

void transaction::take(const step& s, const smtp::reply& r) {
    answered_ = answered_ || !r.closes();
    switch (s.what) {
        case step::kind::reset:
            open_ = !r.is_positive();
            if (open_) settle(failure(kind::temporary, {4, 5, 0}, "the server refused RSET: " + smtp::to_line(r)));
            break;
        case step::kind::mail: take_mail(r); break;
        case step::kind::rcpt: take_rcpt(s.recipient, r); break;
        case step::kind::data:
            go_ahead_ = r.code / 100 == 3;
            if (!go_ahead_) settle(refused(r));
            break;
    }
}

void transaction::take_mail(const smtp::reply& r) {
    if (r.code / 100 == 2) {
        open_ = true;
        return;
    }
    auto s = refused(r);
    if (r.code == 530 && !protected_ && offered_.starttls) {
        // RFC 3207 section 4: it wants TLS, which it offered and we could not use; that may be over next time.
        s.what = kind::temporary;
        s.status = {4, 7, 0};
        s.reason = "the server takes mail under TLS only, and TLS came to nothing";
    }
    settle(s);
}

/// RFC 5321 4.5.3.1.10: a server that has enough recipients says 452, or 552 as RFC 821 had it. Only where it took one before,
/// so that a transaction of their own has a chance; a 552 with another status is a full mailbox.
bool transaction::is_too_many(const smtp::reply& r) const {
    if (accepted_ == 0) return false;
    if (r.status) return r.status->subject == 5 && r.status->detail == 3;
    return r.code == 452 || r.code == 552;
}

void transaction::take_rcpt(std::size_t who, const smtp::reply& r) {
    if (outcomes_[who]) return;
    if (r.code / 100 == 2) {
        ++accepted_;
        return;
    }
    auto s = refused(r);
    if (is_too_many(r)) {
        s.what = kind::temporary;
        s.status = {4, 5, 3};
        leave_the_rest(s);
    }
    outcomes_[who] = std::move(s);
}

/// Whoever has not been named yet.
void transaction::leave_the_rest(const delivery_status& s) {
    for (; next_ < recipients_.size(); ++next_) {
        if (!outcomes_[next_]) outcomes_[next_] = s;
    }
}

bool transaction::is_pending() const noexcept {
    return std::ranges::any_of(outcomes_, [](const auto& o) { return !o; });
}

transaction::fate transaction::next() const noexcept {
    if (!data_) return uses_chunks() && is_pending() ? fate::send_chunks : fate::over;
    if (!go_ahead_) return fate::over;
    return is_pending() ? fate::send_dotted : fate::send_nothing;
}

void transaction::take_end(const smtp::reply& r) {
    settle(judge(r));
    // RFC 3030 section 2: after a failed BDAT nobody knows the server's state, so RSET must follow.
    open_ = uses_chunks() && r.code / 100 != 2;
}

void transaction::settle(const delivery_status& s) {
    for (auto& o : outcomes_) {
        if (!o) o = s;
    }
}

std::vector<delivery_status> transaction::outcomes() && {
    std::vector<delivery_status> all;
    all.reserve(outcomes_.size());
    for (auto& o : outcomes_) all.push_back(std::move(*o));
    return all;
}

}  // namespace postern::smtp_client
