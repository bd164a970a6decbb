#pragma once

#include <string>
#include <string_view>

#include "storage/queue_records.hpp"

/// The columns of outbound and queue_item that hold words of the protocol. NULL is "" here: it stands for "not given".
namespace postern::storage {

[[nodiscard]] inline std::string_view to_column(body_kind body) {
    switch (body) {
        case body_kind::seven_bit: return "7BIT";
        case body_kind::eight_bit: return "8BITMIME";
        case body_kind::binary: return "BINARYMIME";
    }
    return "BINARYMIME";
}

[[nodiscard]] inline body_kind body_from_column(std::string_view word) {
    if (word == "7BIT") return body_kind::seven_bit;
    return word == "8BITMIME" ? body_kind::eight_bit : body_kind::binary;
}

[[nodiscard]] inline std::string_view to_column(dsn_return ret) {
    switch (ret) {
        case dsn_return::unspecified: return "";
        case dsn_return::full: return "FULL";
        case dsn_return::headers: return "HDRS";
    }
    return "";
}

[[nodiscard]] inline dsn_return ret_from_column(std::string_view word) {
    if (word == "FULL") return dsn_return::full;
    return word == "HDRS" ? dsn_return::headers : dsn_return::unspecified;
}

[[nodiscard]] inline std::string to_column(const dsn_notify& notify) {
    if (!notify.given) return "";
    if (notify.never()) return "NEVER";
    std::string words;
    const auto add = [&words](bool wanted, std::string_view word) {
        if (!wanted) return;
        if (!words.empty()) words += ',';
        words += word;
    };
    add(notify.success, "SUCCESS");
    add(notify.failure, "FAILURE");
    add(notify.delay, "DELAY");
    return words;
}

[[nodiscard]] inline dsn_notify notify_from_column(std::string_view words) {
    return {.given = !words.empty(),
            .success = words.find("SUCCESS") != std::string_view::npos,
            .failure = words.find("FAILURE") != std::string_view::npos,
            .delay = words.find("DELAY") != std::string_view::npos};
}

[[nodiscard]] inline std::string_view to_column(queue_state state) { return state == queue_state::held ? "held" : "waiting"; }

[[nodiscard]] inline queue_state state_from_column(std::string_view word) {
    return word == "held" ? queue_state::held : queue_state::waiting;
}

}  // namespace postern::storage
