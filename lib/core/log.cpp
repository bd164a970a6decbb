#include "core/log.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include <spdlog/details/file_helper.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

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

/// A file, or one of the standard streams while there is none.
class output final : public spdlog::sinks::base_sink<std::mutex> {
public:
    using file = std::unique_ptr<spdlog::details::file_helper>;

    void redirect(log_output stream, file to) {
        const std::scoped_lock held(mutex_);
        stream_ = stream == log_output::standard_output ? stdout : stderr;
        file_ = std::move(to);
    }

protected:
    void sink_it_(const spdlog::details::log_msg& line) override {
        spdlog::memory_buf_t text;
        formatter_->format(line, text);
        if (file_) {
            file_->write(text);
        } else {
            std::fwrite(text.data(), 1, text.size(), stream_);
        }
    }
    void flush_() override {
        if (file_) file_->flush();
        std::fflush(stream_);
    }

private:
    std::FILE* stream_ = stderr;
    file file_;
};

result<output::file> open_file(const std::string& name) {
    if (name.empty()) return output::file();
    try {
        auto opened = std::make_unique<spdlog::details::file_helper>();
        opened->open(name);
        return opened;
    } catch (const spdlog::spdlog_ex& e) {
        return std::unexpected(error{std::make_error_code(std::errc::io_error), e.what()});
    }
}

/// Counts the lines of each kind within a second, and says which are too many.
class flood_gate {
public:
    struct left_out {
        std::string module;
        std::string event;
        std::size_t lines;
    };

    void allow(std::size_t lines_per_second) {
        const std::scoped_lock held(mutex_);
        most_ = lines_per_second;
    }

    /// Whether the line may be written.
    bool admit(const std::string& module, std::string_view event) {
        const std::scoped_lock held(mutex_);
        if (most_ == 0) return true;
        const auto now = std::chrono::steady_clock::now();
        auto& kind = kinds_[{module, std::string(event)}];
        if (now - kind.begun >= std::chrono::seconds(1)) {
            kind.begun = now;
            kind.lines = 0;
        }
        if (++kind.lines <= most_) return true;
        if (kind.left_out++ == 0) ++flooding_;
        return false;
    }

    /// What was left out in seconds that have passed by `now`, once.
    std::vector<left_out> settle(std::chrono::steady_clock::time_point now) {
        std::vector<left_out> told;
        const std::scoped_lock held(mutex_);
        if (flooding_ == 0) return told;
        for (auto& [name, kind] : kinds_) {
            if (kind.left_out == 0 || now - kind.begun < std::chrono::seconds(1)) continue;
            told.push_back({name.first, name.second, std::exchange(kind.left_out, 0)});
            --flooding_;
        }
        return told;
    }

private:
    struct count {
        std::chrono::steady_clock::time_point begun;
        std::size_t lines = 0;
        std::size_t left_out = 0;
    };

    std::mutex mutex_;
    std::size_t most_ = 0;
    std::size_t flooding_ = 0;
    std::map<std::pair<std::string, std::string>, count> kinds_;  // as many as there are events in the program
};

fmt::memory_buffer line_of(log_format format, log_level level, std::string_view module, std::string_view event,
                           std::initializer_list<log_field> fields) {
    const auto now = to_rfc3339(system_clock{}.now());
    fmt::memory_buffer line;
    if (format == log_format::json) {
        fmt::format_to(std::back_inserter(line), R"({{"time":"{}","level":"{}","module":"{}")", now, name_of(level), module);
        append_json(line, "event", event);
        for (const auto& f : fields) append_json(line, f.name, f.value);
        line.push_back('}');
    } else {
        fmt::format_to(std::back_inserter(line), "{} {:<7} {:<8}", now, name_of(level), module);
        append_logfmt(line, "event", event);
        for (const auto& f : fields) append_logfmt(line, f.name, f.value);
    }
    return line;
}

}  // namespace

/// What all loggers of one log know of one module.
struct logger::page {
    explicit page(std::string n) : name(std::move(n)) {}

    const std::string name;
    std::atomic<log_level> level = log_level::info;
};

/// What all loggers of one log share.
class logger::book {
public:
    book() : lines_("postern", sink_) {
        lines_.set_pattern("%v");
        lines_.set_level(spdlog::level::trace);
        lines_.flush_on(spdlog::level::trace);
    }

    result<void> change(const log_options& options) {
        auto file = open_file(options.file);
        if (!file) return std::unexpected(file.error());
        sink_->redirect(options.output, std::move(*file));
        gate_.allow(options.lines_per_second);
        format = options.format;
        const std::scoped_lock held(mutex_);
        options_ = options;
        for (const auto& [name, each] : pages_) each->level = level_of(name);
        return {};
    }

    std::shared_ptr<const page> find(std::string_view module) {
        const std::scoped_lock held(mutex_);
        auto& found = pages_[std::string(module)];
        if (!found) {
            found = std::make_shared<page>(std::string(module));
            found->level = level_of(found->name);
        }
        return found;
    }

    void tell_suppressed(std::chrono::steady_clock::time_point now) {
        for (const auto& each : gate_.settle(now))
            write(log_level::warning, line_of(format, log_level::warning, each.module, "lines suppressed",
                                              {{"of", each.event}, {"lines", each.lines}}));
    }

    /// Whether one more line of this event may be written.
    bool admit(const std::string& module, std::string_view event) {
        tell_suppressed(std::chrono::steady_clock::now());
        return gate_.admit(module, event);
    }

    void write(log_level level, const fmt::memory_buffer& line) {
        lines_.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
    }

    std::atomic<log_format> format = log_format::text;

private:
    [[nodiscard]] log_level level_of(const std::string& module) const {
        const auto own = options_.levels.find(module);
        return own == options_.levels.end() ? options_.level : own->second;
    }

    flood_gate gate_;
    std::shared_ptr<output> sink_ = std::make_shared<output>();
    spdlog::logger lines_;
    std::mutex mutex_;
    log_options options_;
    std::map<std::string, std::shared_ptr<page>> pages_;
};

logger::logger(std::shared_ptr<book> in, std::string_view module) : book_(std::move(in)), page_(book_->find(module)) {}

logger::logger(log_level level, log_format format) : logger(std::make_shared<book>(), "postern") {
    static_cast<void>(change({.level = level, .format = format}));  // no file: nothing can fail
}

result<logger> logger::open(const log_options& options) {
    const auto made = std::make_shared<book>();
    if (auto changed = made->change(options); !changed) return std::unexpected(changed.error());
    return logger(made, "postern");
}

logger logger::module(std::string_view name) const { return book_ ? logger(book_, name) : logger(); }

result<void> logger::change(const log_options& options) const { return book_ ? book_->change(options) : result<void>(); }

bool logger::writes(log_level level) const { return page_ && level >= page_->level.load(std::memory_order_relaxed); }

void logger::debug(std::string_view event, std::initializer_list<log_field> fields) const {
    if (writes(log_level::debug)) write(log_level::debug, event, fields);
}
void logger::info(std::string_view event, std::initializer_list<log_field> fields) const {
    if (writes(log_level::info)) write_bounded(log_level::info, event, fields);
}
void logger::warning(std::string_view event, std::initializer_list<log_field> fields) const {
    if (writes(log_level::warning)) write_bounded(log_level::warning, event, fields);
}
void logger::error(std::string_view event, std::initializer_list<log_field> fields) const {
    if (writes(log_level::error)) write_bounded(log_level::error, event, fields);
}
void logger::record(std::string_view event, std::initializer_list<log_field> fields) const {
    if (writes(log_level::info)) write(log_level::info, event, fields);
}

void logger::insist(std::string_view event, std::initializer_list<log_field> fields) const {
    if (book_) write(log_level::warning, event, fields);
}

void logger::tell_suppressed() const {
    if (book_) book_->tell_suppressed(std::chrono::steady_clock::now());
}

void logger::tell_all_suppressed() const {
    if (book_) book_->tell_suppressed(std::chrono::steady_clock::time_point::max());
}

void logger::write_bounded(log_level level, std::string_view event, std::initializer_list<log_field> fields) const {
    if (book_->admit(page_->name, event)) write(level, event, fields);
}

void logger::write(log_level level, std::string_view event, std::initializer_list<log_field> fields) const {
    book_->write(level, line_of(book_->format, level, page_->name, event, fields));
}

}  // namespace postern::core
