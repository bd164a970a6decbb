#include "message/gmime_library.hpp"

#include <array>

namespace postern::message {

namespace {

void drop_log(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

GMimeParserOptions* initialise() {
    // GMime and GLib complain about hostile input on stderr: a stranger could fill our log with lines of his own wording.
    constexpr auto levels = static_cast<GLogLevelFlags>(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE |
                                                        G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG);
    for (const char* domain : {"GLib", "GLib-GObject", "gmime"}) g_log_set_handler(domain, levels, drop_log, nullptr);
    g_mime_init();
    auto* options = g_mime_parser_options_new();
    std::array<const char*, 3> charsets = {"utf-8", "windows-1252", nullptr};
    g_mime_parser_options_set_fallback_charsets(options, charsets.data());
    return options;
}

}  // namespace

GMimeParserOptions* gmime_options() {
    static GMimeParserOptions* const options = initialise();
    return options;
}

void start_gmime() { static_cast<void>(gmime_options()); }

}  // namespace postern::message
