#include "core/log.hpp"

#include <algorithm>
#include <iterator>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "core/clock.hpp"
#include "core/unicode.hpp"

namespace postern::core {

namespace {

spdlog::level::level_enum to_spdlog(log_level level) { return static_cast<spdlog::level::level_enum>(level); }

std::string_view name_of(log_level level) {
    switch (level) {
        case log_level::trace: return "trace";
        case log_level::debug: return "debug";
        case log_level::info: return "info";
        case log_level::warning: return "warning";
        case log_level::error: return "error";
        case log_level::critical: return "critical";
        case log_level::off: break;
    }
    return "off";
}

/// Inside double quotes; control characters leave as \u00XX, so no value can end a line or start another.
void append_quoted(fmt::memory_buffer& out, std::string_view value) {
    const std::string valid = to_valid_utf8(value);
    out.push_back('"');
    for (std::size_t i = 0; i < valid.size(); ++i) {
        const char c = valid[i];
        const auto octet = static_cast<unsigned char>(c);
        // U+0080 to U+009F: terminals take some for escape sequences and line ends.
        if (octet == 0xc2 && static_cast<unsigned char>(valid[i + 1]) < 0xa0) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(valid[++i]));
            continue;
        }
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (octet < 0x20 || octet == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", octet);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

bool needs_quotes(std::string_view value) {
    return value.empty() || std::ranges::any_of(value, [](char c) {
               return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '"' || c == '=' ||
                      c == '\\';
           });
}

void append_logfmt(fmt::memory_buffer& out, std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out), " {}=", name);
    if (needs_quotes(value)) {
        append_quoted(out, value);
    } else {
        out.append(value);
    }
}

void append_json(fmt::memory_buffer& out, std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
    append_quoted(out, value);
}

}  // namespace

logger::logger(log_level level, log_format format)
    : sink_(std::make_shared<spdlog::logger>("postern", std::make_shared<spdlog::sinks::stderr_sink_mt>())), format_(format) {
    sink_->set_pattern("%v");
    sink_->set_level(to_spdlog(level));
    sink_->flush_on(spdlog::level::info);
}

logger logger::module(std::string_view name) const {
    auto copy = *this;
    copy.module_ = name;
    return copy;
}

bool logger::writes(log_level level) const { return sink_ && sink_->should_log(to_spdlog(level)); }

void logger::debug(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::debug, event, fields);
}
void logger::info(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::info, event, fields);
}
void logger::warning(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::warning, event, fields);
}
void logger::error(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::error, event, fields);
}

void logger::write(log_level level, std::string_view event, std::initializer_list<log_field> fields) const {
    if (!writes(level)) return;
    const auto now = to_rfc3339(system_clock{}.now());
    fmt::memory_buffer line;
    if (format_ == log_format::json) {
        fmt::format_to(std::back_inserter(line), R"({{"time":"{}","level":"{}","module":"{}")", now, name_of(level), module_);
        append_json(line, "event", event);
        for (const auto& f : fields) append_json(line, f.name, f.value);
        line.push_back('}');
    } else {
        fmt::format_to(std::back_inserter(line), "{} {:<7} {:<8}", now, name_of(level), module_);
        append_logfmt(line, "event", event);
        for (const auto& f : fields) append_logfmt(line, f.name, f.value);
    }
    sink_->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace postern::core
