#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include "core/result.hpp"

namespace postern::core {

enum class log_level { trace, debug, info, warning, error, critical, off };
enum class log_format { text, json };
enum class log_output { standard_error, standard_output };

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

/// What is written, and where.
struct log_options {
    log_level level = log_level::info;
    log_format format = log_format::text;
    std::map<std::string, log_level> levels{};  ///< of single modules, instead of `level`
    std::size_t lines_per_second = 0;           ///< of one event of one module; 0: all of them
    log_output output = log_output::standard_error;
    std::string file{};  ///< appended to, instead; empty: none

    friend bool operator==(const log_options&, const log_options&) = default;
};

/// Writes one line per event that matters: time, level, module, event, fields; as logfmt text or as one JSON object.
///
/// What strangers can cause as often as they like is bounded: of one event of one module there are at most lines_per_second
/// lines, and one that says how many were left out. Debug and trace lines, which somebody asked for, and record() are exempt.
///
/// Cheap to copy; safe from every thread; never blocks on anything but where it writes. No secrets, no message
/// content. A default-made logger is silent.
class logger {
public:
    logger() = default;

    /// The program's log on standard error.
    logger(log_level level, log_format format);

    /// The program's log. The error is a sentence that names the file.
    [[nodiscard]] static result<logger> open(const log_options& options);

    /// The same log under a module's name: "smtp", "storage".
    [[nodiscard]] logger module(std::string_view name) const;

    /// From now on every copy writes as `options` say. The file is opened anew, as whoever moved it away asks for; when it
    /// cannot be, nothing changes.
    [[nodiscard]] result<void> change(const log_options& options) const;

    /// An info line that is the account of somebody's mail: it is never left out for being one of many.
    void record(std::string_view event, std::initializer_list<log_field> fields = {}) const;

    /// A warning that is written whatever the levels are, since it will not be said again.
    void insist(std::string_view event, std::initializer_list<log_field> fields = {}) const;

    /// Says how many lines were left out in the seconds that have passed. Each bounded line does so too; called from time to
    /// time, this does it after the last one.
    void tell_suppressed() const;

    /// The same, of the second that runs as well: before the log is closed.
    void tell_all_suppressed() const;

    void debug(std::string_view event, std::initializer_list<log_field> fields = {}) const;
    void info(std::string_view event, std::initializer_list<log_field> fields = {}) const;
    void warning(std::string_view event, std::initializer_list<log_field> fields = {}) const;
    void error(std::string_view event, std::initializer_list<log_field> fields = {}) const;

    /// Whether a line of this level would be written; ask before costly fields are made.
    [[nodiscard]] bool writes(log_level level) const;

private:
    class book;
    struct page;

    explicit logger(std::shared_ptr<book> in, std::string_view module);
    void write_bounded(log_level level, std::string_view event, std::initializer_list<log_field> fields) const;
    void write(log_level level, std::string_view event, std::initializer_list<log_field> fields) const;

    std::shared_ptr<book> book_;
    std::shared_ptr<const page> page_;
};

}  // namespace postern::core
