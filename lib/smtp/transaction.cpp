#include "smtp/transaction.hpp"

#include <utility>

#include "smtp/replies.hpp"

namespace postern::smtp {

void transaction::greet(std::string helo, bool esmtp) {
    reset();
    helo_ = std::move(helo);
    esmtp_ = esmtp;
}

std::optional<reply> transaction::refuse_mail() const {
    if (!greeted()) return replies::greet_first;
    if (open_) return replies::nested_mail;  // RFC 5321 4.1.4: MAIL must not be sent while a transaction is open
    return std::nullopt;
}

void transaction::mail(address reverse_path, mail_parameters parameters) {
    open_ = true;
    reverse_path_ = std::move(reverse_path);
    parameters_ = std::move(parameters);
}

std::optional<reply> transaction::refuse_rcpt(std::size_t limit) const {
    if (!open_) return greeted() ? replies::mail_first : replies::greet_first;
    if (data_ != data_state::none) return replies::bdat_begun;
    if (recipients_.size() >= limit) return replies::too_many_recipients;
    return std::nullopt;
}

void transaction::rcpt(address forward_path, rcpt_parameters parameters) {
    rcpt_seen_ = true;
    recipients_.push_back({std::move(forward_path), std::move(parameters)});
}

std::optional<reply> transaction::refuse_without_recipients() const {
    if (!open_) return greeted() ? replies::mail_first : replies::greet_first;
    // RFC 5321 3.3 allows 503 and 554; a client that pipelined learns from 554 that its recipients, not its order, were wrong.
    if (recipients_.empty()) return rcpt_seen_ ? replies::no_valid_recipients : replies::rcpt_first;
    return std::nullopt;
}

std::optional<reply> transaction::refuse_data() const {
    if (data_ != data_state::none) return replies::bdat_begun;  // RFC 3030 section 2: DATA and BDAT do not mix
    if (auto refused = refuse_without_recipients()) return refused;
    if (parameters_.body == body_type::binary) return replies::binary_needs_bdat;  // RFC 3030 section 3
    return std::nullopt;
}

std::optional<reply> transaction::refuse_bdat() const {
    if (data_ == data_state::bdat_failed) return replies::bdat_failed;
    return refuse_without_recipients();
}

void transaction::bdat_failed() noexcept {
    if (open_) data_ = data_state::bdat_failed;
}

void transaction::reset() {
    open_ = false;
    data_ = data_state::none;
    reverse_path_ = {};
    parameters_ = {};
    rcpt_seen_ = false;
    recipients_.clear();
}

}  // namespace postern::smtp
