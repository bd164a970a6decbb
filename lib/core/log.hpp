#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

namespace spdlog {
class logger;
}

namespace postern::core {

enum class log_level { trace, debug, info, warning, error, critical, off };
enum class log_format { text, json };

/// One name and value of a log line. Values are escaped on output, so remote input cannot forge a line.
struct log_field {
    std::string_view name;
    std::string value;

    log_field(std::string_view n, std::string_view v) : name(n), value(v) {}
    log_field(std::string_view n, const char* v) : name(n), value(v) {}
    log_field(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
    log_field(std::string_view n, bool v) : name(n), value(v ? "true" : "false") {}
    template <class T>
        requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
    log_field(std::string_view n, T v) : name(n), value(fmt::to_string(v)) {}
};

/// Writes one line per event that matters: time, level, module, event, fields; as logfmt text or as one JSON object.
///
/// Cheap to copy; safe from every thread; never blocks on anything but standard error. No secrets, no message content.
/// A default-made logger is silent.
class logger {
public:
    logger() = default;

    /// The program's log on standard error.
    logger(log_level level, log_format format);

    /// The same log under a module's name: "smtp", "storage".
    [[nodiscard]] logger module(std::string_view name) const;

    void debug(std::string_view event, std::initializer_list<log_field> fields = {}) const;
    void info(std::string_view event, std::initializer_list<log_field> fields = {}) const;
    void warning(std::string_view event, std::initializer_list<log_field> fields = {}) const;
    void error(std::string_view event, std::initializer_list<log_field> fields = {}) const;

    /// Whether a line of this level would be written; ask before costly fields are made.
    [[nodiscard]] bool writes(log_level level) const;

private:
    void write(log_level level, std::string_view event, std::initializer_list<log_field> fields) const;

    std::shared_ptr<spdlog::logger> sink_;
    log_format format_ = log_format::text;
    std::string module_ = "postern";
};

}  // namespace postern::core
