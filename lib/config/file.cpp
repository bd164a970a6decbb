#include "config/file.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "config/text.hpp"
#include "core/unicode.hpp"

namespace postern::config {

namespace {

constexpr std::size_t max_file = 1 << 20;  // octets

bool is_space(char c) { return c == ' ' || c == '\t'; }

/// The line without its comment: "#" at the start or after white space, so that one inside a word (a URL) stays.
std::string_view without_comment(std::string_view line) {
    for (auto hash = line.find('#'); hash != std::string_view::npos; hash = line.find('#', hash + 1)) {
        if (hash == 0 || is_space(line[hash - 1])) return line.substr(0, hash);
    }
    return line;
}

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

/// Reads one line after the other. Problems never show the line itself: it may hold a password.
class reader {
public:
    explicit reader(std::string_view name) : name_(name) {}

    void take(std::string_view line) {
        ++line_;
        if (line.ends_with('\r')) line.remove_suffix(1);
        line = trim(without_comment(line));
        if (line.empty()) return;
        if (!core::is_utf8(line) || has_control(line)) return complain("holds octets that are not text (UTF-8)");
        if (line.starts_with('[')) return take_section(line);
        take_value(line);
    }

    file_contents finish() && { return std::move(contents_); }

private:
    void take_section(std::string_view line) {
        section_.reset();
        after_section_ = true;
        if (!line.ends_with(']')) return complain("must end with \"]\"");
        const auto name = trim(line.substr(1, line.size() - 2));
        if (!is_name(name)) return complain("must be a section, such as [smtp]");
        section_ = name;
    }

    void take_value(std::string_view line) {
        const auto equals = line.find('=');
        const auto key = trim(line.substr(0, equals));
        if (equals == std::string_view::npos || !is_name(key))
            return complain("must be a section, key = value, or a # comment");
        if (!section_ && !after_section_) return complain(fmt::format("{} must stand under a [section]", in_quotes(key)));
        if (!section_) return;  // its section was complained about
        const auto [known, is_new] = seen_.try_emplace(fmt::format("{}.{}", *section_, key), line_);
        if (!is_new) return complain(fmt::format("{} was given in line {} already", known->first, known->second));
        contents_.entries.push_back({*section_, std::string(key), std::string(trim(line.substr(equals + 1))), line_});
    }

    void complain(std::string_view what) {
        contents_.problems.push_back({problem::origin::file, fmt::format("{}:{}: {}", name_, line_, what)});
    }

    std::string_view name_;
    std::size_t line_ = 0;
    bool after_section_ = false;
    std::optional<std::string> section_;       // nothing before the first section and after a faulty one
    std::map<std::string, std::size_t> seen_;  // "section.key" to its line
    file_contents contents_;
};

/// Its first octets; the error is a sentence.
std::expected<std::string, std::string> read_at_most(const std::string& path, std::size_t most) {
    const auto failed = [&](int error) {
        return std::unexpected(fmt::format("{}: {}", path, std::generic_category().message(error)));
    };
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return failed(errno);
    std::string text(most, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || (file.fail() && !file.eof())) return failed(errno == 0 ? EIO : errno);
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

}  // namespace

file_contents parse_file(std::string_view name, std::string_view text) {
    if (text.size() > max_file)
        return {{}, {{problem::origin::file, fmt::format("{}: is larger than 1 MiB; is it a configuration file?", name)}}};
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    reader lines(name);
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find('\n', start), text.size());
        lines.take(text.substr(start, end - start));
        start = end + 1;
    }
    return std::move(lines).finish();
}

std::expected<std::string, problem> read_file(const std::string& path) {
    // One more than allowed, so that parse_file sees that it is too large.
    auto text = read_at_most(path, max_file + 1);
    if (!text) return std::unexpected(problem{problem::origin::file, std::move(text).error()});
    return *std::move(text);
}

std::expected<std::string, std::string> read_secret(const std::string& path) {
    auto text = read_at_most(path, max_secret + 1);
    if (!text) return text;
    if (text->size() > max_secret) return std::unexpected(fmt::format("{}: is larger than 16 KiB; is it a secret?", path));
    if (text->ends_with('\n')) text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
    if (text->empty()) return std::unexpected(path + ": is empty");
    return text;
}

}  // namespace postern::config
