#include "message/address_list.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "message/address_lexer.hpp"

namespace postern::message {

namespace {

/// Goes through a list token by token and keeps what may yet become the name, the local part or the host of the address it
/// stands in.
class address_list_reader {
public:
    address_list_reader(std::size_t max, std::vector<envelope_address>& out) : max_(max), out_(out) {}

    void read(std::string_view line) {
        address_lexer tokens(line);
        for (auto token = tokens.next(); token.is != address_token::kind::end && !full_; token = tokens.next()) {
            switch (token.is) {
                case address_token::kind::word: take_word(token); break;
                case address_token::kind::comment: comment_ = std::move(token.text); break;
                default: take_special(token);
            }
        }
        end_address();
        end_group();
    }

private:
    enum class place : std::uint8_t { phrase, host, angle_local, angle_host, behind };

    [[nodiscard]] bool in_angle() const { return place_ == place::angle_local || place_ == place::angle_host; }

    void take_word(const address_token& token) {
        if (place_ == place::angle_local) {
            local_ += token.text;
        } else if (place_ == place::angle_host) {
            host_ += token.text;
        } else if (place_ == place::host && (!token.blank_before || host_.empty() || host_.ends_with('.'))) {
            host_ += token.text;
            append_text(token, token.text);
        } else {
            if (place_ == place::host) {
                place_ = place::behind;
                behind_begin_ = text_.size();
            }
            if (!has_run_ || (token.blank_before && !joins_)) {
                run_.clear();
                run_begin_ = text_.size();
            }
            run_ += token.text;
            append_text(token, token.text);
            has_run_ = true;
        }
        joins_ = false;
    }

    void take_special(const address_token& token) {
        switch (token.special) {
            case ',': take_comma(); break;
            case ';': end_list_or_group(); break;
            case ':': take_colon(token); break;
            case '<': begin_angle(); break;
            case '>':
                if (in_angle()) {
                    place_ = place::behind;
                    text_.clear();
                    behind_begin_ = 0;
                    has_run_ = false;
                }
                break;
            case '@': take_at(token); break;
            default: take_dot(token);
        }
    }

    void take_comma() {
        // RFC 5322 4.4: within a route commas stand between its domains.
        if (place_ == place::angle_host && local_.empty()) {
            host_.clear();
        } else {
            end_address();
        }
    }

    void end_list_or_group() {
        end_address();
        end_group();
    }

    void take_colon(const address_token& token) {
        if (place_ == place::angle_host && local_.empty()) {  // RFC 5322 4.4: the end of a route, which nobody follows any more
            host_.clear();
            place_ = place::angle_local;
        } else if (in_angle()) {
            (place_ == place::angle_local ? local_ : host_) += ':';
        } else if (place_ == place::phrase && !in_group_) {
            begin_group();
        } else {
            append_text(token, ":");
            has_run_ = false;
        }
    }

    void begin_angle() {
        if (in_angle()) return;
        if (angle_) emit();  // a comma is missing
        name_ = std::move(text_);
        text_.clear();
        local_.clear();
        host_.clear();
        angle_ = true;
        has_run_ = false;
        place_ = place::angle_local;
    }

    void take_at(const address_token& token) {
        switch (place_) {
            case place::angle_local: place_ = place::angle_host; return;
            case place::angle_host:
                if (!local_.empty()) local_ += '@' + host_;
                host_.clear();
                return;
            case place::host: local_ += '@' + std::exchange(host_, {}); break;
            case place::behind:  // a comma is missing
                emit();
                text_.erase(0, behind_begin_);
                run_begin_ -= std::min(run_begin_, behind_begin_);
                behind_begin_ = 0;
                [[fallthrough]];
            case place::phrase:
                local_ = has_run_ ? std::exchange(run_, {}) : std::string{};
                name_ = text_.substr(0, has_run_ ? run_begin_ : text_.size());
                host_.clear();
                angle_ = false;
                has_run_ = false;
                place_ = place::host;
        }
        append_text(token, "@");
    }

    void take_dot(const address_token& token) {
        switch (place_) {
            case place::angle_local: local_ += '.'; break;
            case place::angle_host: host_ += '.'; break;
            case place::host:
                host_ += '.';
                append_text(token, ".");
                break;
            default:
                if (!has_run_) {
                    run_.clear();
                    run_begin_ = text_.size();
                }
                run_ += '.';
                has_run_ = true;
                joins_ = true;
                append_text(token, ".");
        }
    }

    void append_text(const address_token& token, std::string_view text) {
        if (token.blank_before && !text_.empty()) text_ += ' ';
        text_ += text;
    }

    void begin_group() {
        if (out_.size() + 2 > max_) {
            full_ = true;
        } else {
            out_.push_back({.mailbox = std::move(text_)});
            in_group_ = true;
        }
        forget();
    }

    void end_group() {
        if (in_group_) out_.emplace_back();
        in_group_ = false;
    }

    void end_address() {
        if (place_ != place::phrase) {
            emit();
        } else if (!text_.empty()) {
            local_ = std::move(text_);  // no address: shown as it stands
            name_.clear();
            host_.clear();
            emit();
        }
        forget();
    }

    void emit() {
        full_ = full_ || out_.size() + (in_group_ ? 2 : 1) > max_;
        if (full_) return;
        auto name = shown_name();
        out_.push_back({.name = std::move(name), .mailbox = std::move(local_), .host = std::move(host_)});
        name_.clear();
        local_.clear();
        host_.clear();
    }

    std::optional<std::string> shown_name() {
        for (auto* const given : {&name_, &comment_}) {
            const auto begin = given->find_first_not_of(' ');
            if (begin == std::string::npos) continue;
            auto name = given->substr(begin, given->find_last_not_of(' ') + 1 - begin);
            comment_.clear();
            return name;
        }
        return std::nullopt;
    }

    void forget() {
        for (auto* const text : {&text_, &run_, &name_, &local_, &host_, &comment_}) text->clear();
        has_run_ = joins_ = angle_ = false;
        place_ = place::phrase;
    }

    std::size_t max_;
    std::vector<envelope_address>& out_;
    bool in_group_ = false;
    bool full_ = false;

    place place_ = place::phrase;
    bool angle_ = false;  // the address stands in angle brackets
    std::string text_;    // all that may be a name
    std::string run_;     // the words at its end with nothing but dots between them, which are a local part if "@" follows
    std::size_t run_begin_ = 0;     // in text_
    std::size_t behind_begin_ = 0;  // in text_: what stands behind a complete address
    bool has_run_ = false;
    bool joins_ = false;  // the next word belongs to run_ even behind a blank
    std::string name_;
    std::string local_;
    std::string host_;
    std::string comment_;
};

}  // namespace

void read_address_list(std::string_view line, std::size_t max, std::vector<envelope_address>& out) {
    address_list_reader(max, out).read(line);
}

}  // namespace postern::message
